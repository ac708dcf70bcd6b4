"""The recognition network R of lambda_ID: ArcFace's IR-SE50, which tells one face from another.

images (batch, 3, size, size) in [-1, 1] -> `crop_faces` -> (batch, 3, 112, 112) -> residual units
with squeeze and excitation -> identity features (batch, 512)

Source: Deng et al. 2019, "ArcFace" (arXiv 1801.07698); squeeze and excitation: Hu et al. 2018
(arXiv 1709.01507). Sizes and names are those of `model_ir_se50.pth`, which TreB1eN published with
InsightFace_Pytorch; pSp, StyleCLIP and the code of Lee et al. 2022 use it.
"""

import os
from itertools import chain

import torch
import torch.nn.functional as F
from torch import nn

from sgim.checks import require
from sgim.devices import ordinary_torch
from sgim.files.checkpoint import load_frozen
from sgim.files.state_dicts import read_tensors

FACE_SIZE = 112
EMBED_DIM = 512
STAGES = ((64, 3), (128, 4), (256, 14), (512, 3))
"""Channels and number of units; the first unit of each stage halves height and width."""

SQUEEZE = 16
PORTRAIT_SIZE = 256
FACE_ROWS, FACE_COLUMNS = slice(35, 223), slice(32, 220)
"""Where a face lies in an aligned portrait of 256 pixels, as StyleCLIP's identity loss has it."""

COUNTER = "num_batches_tracked"
"""Batch norms count the steps of their training; files of old PyTorch versions lack the counts."""


def crop_faces(images: torch.Tensor) -> torch.Tensor:
    """The faces in portraits that are aligned as in FFHQ; gradients flow through.

    Mean over areas to 256 pixels, 188 x 188 pixels cut out, mean over areas to 112 pixels.

    Parameters
    ----------
    images : torch.Tensor, (batch, 3, size, size) in [-1, 1]

    Returns
    -------
    torch.Tensor, (batch, 3, 112, 112) in [-1, 1]

    Raises
    ------
    SgimError
        When `images` is not a batch of square RGB pictures.
    """
    require(
        images.ndim == 4 and images.shape[1] == 3 and images.shape[2] == images.shape[3],
        f"images have shape {tuple(images.shape)}; the rule is (batch, 3, size, size): pass "
        "portraits of a generator of faces.",
    )
    if images.shape[2] != PORTRAIT_SIZE:
        images = F.adaptive_avg_pool2d(images, PORTRAIT_SIZE)
    return F.adaptive_avg_pool2d(images[:, :, FACE_ROWS, FACE_COLUMNS], FACE_SIZE)


class SqueezeExcitation(nn.Module):
    """Each channel is scaled by a factor in (0, 1) that follows from the means of all of them."""

    def __init__(self, channels: int):
        super().__init__()
        self.fc1 = nn.Conv2d(channels, channels // SQUEEZE, 1, bias=False)
        self.fc2 = nn.Conv2d(channels // SQUEEZE, channels, 1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        means = x.mean((2, 3), keepdim=True)
        return x * self.fc2(F.relu(self.fc1(means))).sigmoid()


class Unit(nn.Module):
    """An improved residual unit: batch norm comes first, PReLU in between, the stride last."""

    def __init__(self, in_channels: int, channels: int, stride: int):
        super().__init__()
        if in_channels == channels:
            self.shortcut_layer = nn.MaxPool2d(1, stride)
        else:
            self.shortcut_layer = nn.Sequential(
                nn.Conv2d(in_channels, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )
        self.res_layer = nn.Sequential(
            nn.BatchNorm2d(in_channels),
            nn.Conv2d(in_channels, channels, 3, padding=1, bias=False),
            nn.PReLU(channels),
            nn.Conv2d(channels, channels, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            SqueezeExcitation(channels),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.shortcut_layer(x) + self.res_layer(x)


class ArcFace(nn.Module):
    """IR-SE50, 43.8 M parameters; the modules are named as in the published weights.

    Examples
    --------
    >>> tuple(ArcFace().eval()(torch.rand(1, 3, 256, 256)).shape)
    (1, 512)
    """

    def __init__(self):
        super().__init__()
        first, last = STAGES[0][0], STAGES[-1][0]
        self.input_layer = nn.Sequential(
            nn.Conv2d(3, first, 3, padding=1, bias=False), nn.BatchNorm2d(first), nn.PReLU(first)
        )
        widths = [first, *chain.from_iterable([channels] * n for channels, n in STAGES)]
        strides = chain.from_iterable([2] + [1] * (n - 1) for _, n in STAGES)
        self.body = nn.Sequential(*map(Unit, widths[:-1], widths[1:], strides))
        side = FACE_SIZE // 2 ** len(STAGES)
        self.output_layer = nn.Sequential(
            nn.BatchNorm2d(last),
            nn.Dropout(0.6),
            nn.Flatten(),
            nn.Linear(last * side * side, EMBED_DIM),
            nn.BatchNorm1d(EMBED_DIM),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Identity features (batch, 512), unit norm, of images (batch, 3, size, size) in [-1, 1].

        Their cosine is near 1 where two portraits show the same person.
        """
        features = self.output_layer(self.body(self.input_layer(crop_faces(images))))
        return F.normalize(features, dim=1)


@ordinary_torch()
def load_arcface(path: str | os.PathLike, device: str | torch.device = "cpu") -> ArcFace:
    """Read the published IR-SE50, frozen; nothing inside the file is executed.

    Parameters
    ----------
    path : path
        `model_ir_se50.pth`, a state dict.
    device : str or torch.device

    Raises
    ------
    SgimError
        When the file is missing, damaged, hostile, or holds another network.
    """
    network = ArcFace()
    counters = {name: value for name, value in network.state_dict().items() if COUNTER in name}
    return load_frozen(
        network, counters | read_tensors(path), device, f"{path} is not the IR-SE50 of ArcFace"
    )
