"""Audio encoders of others as rivals on a benchmark, where a user has their packages and files.

name -> `Rival`: sounds and words -> one embedding; nothing is fetched
"""

import importlib
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F

from sgim.checks import SgimError, require
from sgim.files.registry import find_weights, is_here
from sgim.models.openai_clip import ClipTokenizer, load_openai_clip

CLAP_MODEL, CLAP_RATE = "laion/clap-htsat-unfused", 48_000
CLIP_WEIGHTS = "clip-vit-b-32"
WAV2CLIP_FILE, WAV2CLIP_RATE = "Wav2CLIP.pt", 16_000


@dataclass(frozen=True, kw_only=True)
class Rival:
    """What a benchmark asks of a bundle: sounds and words in one embedding.

    `encode_audio` takes a waveform (num_samples,) and its sample rate, `encode_text` sentences;
    both give unit-length rows. `has_words` is False where the text tower's file is not there.
    """

    model: torch.nn.Module
    sample_rate: int
    logit_scale: float
    hear: object
    read: object | None
    tokenizer: object = None
    audio_encoder: object = None
    generator: object = None

    @property
    def has_words(self) -> bool:
        """Whether it can be asked by words."""
        return self.read is not None

    @torch.no_grad()
    def encode_audio(self, waveform: torch.Tensor, sample_rate: int) -> torch.Tensor:
        """Embed one sound, (1, embed_dim), unit norm."""
        require(
            sample_rate == self.sample_rate,
            f"sample_rate is {sample_rate}; this encoder hears {self.sample_rate}: resample first.",
        )
        return F.normalize(self.hear(waveform).float(), dim=-1)

    @torch.no_grad()
    def encode_text(self, texts: list[str]) -> torch.Tensor:
        """Embed sentences, (batch, embed_dim), unit norm."""
        return F.normalize(self.read(texts).float(), dim=-1)


def _imported(package: str, remedy: str):
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise SgimError(f"{package} is not installed; {remedy}.") from error


def load_clap() -> Rival:
    """LAION-CLAP (Wu et al. 2023) through transformers, from files that are already here.

    Raises
    ------
    SgimError
        When transformers is not installed, or its files are not in the folder of its downloads.
    """
    remedy = "run `pip install 'sgim[clap]'`, or leave laion-clap out"
    transformers = _imported("transformers", remedy)
    try:
        parts = [
            getattr(transformers, name).from_pretrained(CLAP_MODEL, local_files_only=True)
            for name in ("ClapModel", "ClapFeatureExtractor", "AutoTokenizer")
        ]
    except (OSError, ValueError) as error:
        raise SgimError(
            f"the files of {CLAP_MODEL} are not here; download them with its authors' tools "
            f"(`hf download {CLAP_MODEL}`), or leave laion-clap out."
        ) from error
    model, front_end, tokenizer = parts
    model = model.eval().requires_grad_(False)

    def hear(waveform: torch.Tensor) -> torch.Tensor:
        given = front_end(waveform.numpy(), sampling_rate=CLAP_RATE, return_tensors="pt")
        return _rows(model.get_audio_features(**given))

    def read(texts: list[str]) -> torch.Tensor:
        return _rows(model.get_text_features(**tokenizer(texts, padding=True, return_tensors="pt")))

    scale = model.logit_scale_a.exp().item()
    return Rival(model=model, sample_rate=CLAP_RATE, logit_scale=scale, hear=hear, read=read)


def _rows(features: object) -> torch.Tensor:
    """The embedding itself; newer versions of transformers wrap it."""
    return getattr(features, "pooler_output", features)


def load_wav2clip() -> Rival:
    """Wav2CLIP (Wu et al. 2022) through its authors' package, from a file that is already here.

    Its words are CLIP's; where the file of CLIP ViT-B/32 is missing it can only be probed.

    Raises
    ------
    SgimError
        When the package wav2clip is not installed, or its checkpoint is not here.
    """
    package = _imported("wav2clip", "run `pip install wav2clip`, or leave wav2clip out")
    path = Path(torch.hub.get_dir()) / "checkpoints" / WAV2CLIP_FILE
    require(
        path.is_file(),
        f"{path.name} is not in the folder of torch.hub; fetch it with `wav2clip.get_model()`, or "
        "leave wav2clip out.",
    )
    model = package.get_model().eval().requires_grad_(False)
    clip = None
    if is_here(CLIP_WEIGHTS):
        clip = load_openai_clip(find_weights(CLIP_WEIGHTS)[0], torch.device("cpu"))[0]

    def hear(waveform: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(package.embed_audio(waveform.numpy(), model)).view(1, -1)

    def read(texts: list[str]) -> torch.Tensor:
        return clip.encode_text(ClipTokenizer(clip.context_length)(texts))

    return Rival(
        model=model,
        sample_rate=WAV2CLIP_RATE,
        logit_scale=100.0 if clip is None else clip.logit_scale.exp().item(),
        hear=hear,
        read=None if clip is None else read,
    )


RIVALS = {"laion-clap": load_clap, "wav2clip": load_wav2clip}
"""Name -> how it is loaded."""
