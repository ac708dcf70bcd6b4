"""Weights that others publish: where they come from, under which licence, where they lie here.

name -> `RemoteFile` -> a verified file below `SGIM_HOME`; nothing is fetched unless one asks.
"""

import os
from pathlib import Path

import pooch

from sgim.checks import require, require_one_of
from sgim.files.downloads import RemoteFile, download, verified

TORCH_MAGIC = (b"PK", b"\x80")
"""PyTorch writes zip files, and pickles before version 1.6."""

PICKLE_MAGIC = (b"\x80",)

SGIM_LICENSE = "CC BY-NC-SA 4.0, as the repository that links it"
SGIM_CITATION = "S. H. Lee et al., Sound-Guided Semantic Image Manipulation, CVPR 2022"

STYLEGAN2_CITATION = (
    "T. Karras et al., Analyzing and Improving the Image Quality of StyleGAN, CVPR 2020"
)


def _of_stylegan2_ada(file_name: str) -> RemoteFile:
    """A generator among those that NVIDIA released with StyleGAN2-ADA's PyTorch code."""
    return RemoteFile(
        file_name=file_name,
        urls=(f"https://nvlabs-fi-cdn.nvidia.com/stylegan2-ada-pytorch/pretrained/{file_name}",),
        num_bytes=None,
        license="Nvidia Source Code License, nvlabs.github.io/stylegan2-ada-pytorch/license.html",
        citation="T. Karras et al., Training Generative Adversarial Networks with Limited Data, "
        "NeurIPS 2020",
        magic=PICKLE_MAGIC,
    )


def _of_stylegan2(file_name: str, folder: str) -> RemoteFile:
    """A generator of NVIDIA's StyleGAN2 that others have converted from TensorFlow."""
    return RemoteFile(
        file_name=file_name,
        urls=(f"https://www.dropbox.com/s/{folder}/{file_name}?dl=1",),
        num_bytes=None,
        license="Nvidia Source Code License-NC, nvlabs.github.io/stylegan2/license.html",
        citation=STYLEGAN2_CITATION,
        magic=TORCH_MAGIC,
    )


WEIGHTS = {
    "clip-vit-b-32": RemoteFile(
        file_name="ViT-B-32.pt",
        urls=(
            "https://openaipublic.azureedge.net/clip/models/"
            "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af/ViT-B-32.pt",
            "https://clip-as-service.s3.us-east-2.amazonaws.com/models/torch/ViT-B-32.pt",
        ),
        num_bytes=353_976_522,
        checksum="sha256:40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af",
        license="MIT",
        citation="A. Radford et al., Learning Transferable Visual Models From Natural Language "
        "Supervision, ICML 2021",
        magic=TORCH_MAGIC,
    ),
    "sgim-audio": RemoteFile(
        file_name="resnet18_57.pth",
        urls=("https://kr.object.ncloudstorage.com/cvpr2022/resnet18_57.pth",),
        num_bytes=46_000_000,
        license=SGIM_LICENSE,
        citation=SGIM_CITATION,
        magic=TORCH_MAGIC,
    ),
    "landscape-256": RemoteFile(
        file_name="landscape.pt",
        urls=("https://kr.object.ncloudstorage.com/cvpr2022/landscape.pt",),
        num_bytes=None,
        license=SGIM_LICENSE,
        citation=f"{SGIM_CITATION}; {STYLEGAN2_CITATION}",
        magic=TORCH_MAGIC,
    ),
    "ffhq-1024": _of_stylegan2_ada("ffhq.pkl"),
    "church-256": _of_stylegan2("stylegan2-church-config-f.pt", "a0hvdun57nvafab"),
    "car-512": _of_stylegan2("stylegan2-car-config-f.pt", "x1d19u8zd6yegx9"),
    "afhqwild-512": _of_stylegan2_ada("afhqwild.pkl"),
    "metfaces-1024": _of_stylegan2_ada("metfaces.pkl"),
    "ir-se50": RemoteFile(
        file_name="model_ir_se50.pth",
        urls=(
            "https://huggingface.co/Fubei/splatviz_inversion_checkpoints/resolve/main/"
            "model_ir_se50.pth",
        ),
        num_bytes=175_000_000,
        license="none stated for the weights; MIT for the code of TreB1eN/InsightFace_Pytorch",
        citation="J. Deng et al., ArcFace: Additive Angular Margin Loss for Deep Face Recognition, "
        "CVPR 2019",
        magic=TORCH_MAGIC,
    ),
}
"""Only OpenAI's CLIP has a known checksum. The sizes of the audio encoder and of the IR-SE50 are
the sums of their tensors; those of the generators are unknown. Churches, cars and the IR-SE50 come
from users of theirs (the README of ChenWu98/Generative-Visual-Prompt; scripts around splatviz):
NVIDIA offers the first two as TensorFlow pickles alone, and the folders that TreB1eN and pSp name
want a browser."""

IDENTITY = "ir-se50"
"""Weights that an edit needs only where lambda_ID is positive."""

WEIGHTS_OF_BUNDLES = {
    "paper": ("clip-vit-b-32", "sgim-audio", "landscape-256"),
    "paper-ffhq": ("clip-vit-b-32", "sgim-audio", "ffhq-1024", IDENTITY),
    "paper-church": ("clip-vit-b-32", "sgim-audio", "church-256"),
    "paper-car": ("clip-vit-b-32", "sgim-audio", "car-512"),
    "paper-afhqwild": ("clip-vit-b-32", "sgim-audio", "afhqwild-512"),
    "paper-metfaces": ("clip-vit-b-32", "sgim-audio", "metfaces-1024"),
}
"""Image and text towers, audio encoder, generator; for faces the recognition network."""


def weights_folder() -> Path:
    """`weights` below the folder that SGIM_HOME names, or below the user's cache."""
    home = os.environ.get("SGIM_HOME")
    return (Path(home).expanduser() if home else Path(pooch.os_cache("sgim"))) / "weights"


def weights_for(name: str) -> tuple[str, ...]:
    """Names of the weights that a bundle needs; for the name of weights just that.

    Raises
    ------
    SgimError
        When the name is neither.
    """
    require_one_of("weights", name, (*WEIGHTS_OF_BUNDLES, *WEIGHTS))
    return WEIGHTS_OF_BUNDLES.get(name, (name,))


def is_here(name: str) -> bool:
    """Whether a file under the name of these weights is on this machine."""
    return (weights_folder() / WEIGHTS[name].file_name).is_file()


def find_weights(name: str, *, leave_out: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """The verified files of a bundle, or of one weights, in the order of `weights_for`.

    Nothing is fetched. Weights named in `leave_out` may be missing.

    Raises
    ------
    SgimError
        When files are missing (the sentence tells how to get them) or one holds other bytes than
        it should.
    """
    names = [one for one in weights_for(name) if one not in leave_out]
    folder = weights_folder()
    missing = [WEIGHTS[one] for one in names if not is_here(one)]
    described = ", ".join(
        f"{remote.file_name} ({remote.size}; licence: {remote.license}) from {remote.urls[0]}"
        for remote in missing
    )
    require(
        not missing,
        f"weights are missing in {folder}: {described}; `python -m sgim fetch {name}` brings them, "
        "or put them there by other means.",
    )
    return tuple(verified(folder / WEIGHTS[one].file_name, WEIGHTS[one]) for one in names)


def fetch_weights(name: str, *, progress: bool = True) -> Path:
    """The verified file of some weights, downloaded unless it is here; see `download`."""
    return download(WEIGHTS[name], weights_folder(), progress=progress)
