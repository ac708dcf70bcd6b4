"""A tiny bundle for the Studio: pixels are the embedding, and an edit takes milliseconds."""

import dataclasses
import threading

import torch
import torch.nn.functional as F
from torch import nn

from sgim.checks import SgimError
from sgim.editing.presets import PLAIN

QUICK = dataclasses.replace(PLAIN, num_steps=6, learning_rate=0.1)


class TinyGenerator(nn.Module):
    """Six latent numbers become a 16 x 16 picture; `gate` can hold the painting up."""

    num_ws, w_dim, z_dim, img_resolution = 2, 3, 6, 16

    def __init__(self):
        super().__init__()
        weight = torch.randn(6, 768, generator=torch.Generator().manual_seed(0))
        self.register_buffer("weight", weight / 6**0.5)
        self.register_buffer("w_avg", torch.zeros(2, 3))
        self.gate = threading.Event()
        self.gate.set()
        self.paintings = 0

    def mapping(self, z, truncation_psi=1.0):
        return truncation_psi * z.view(-1, 2, 3)

    def synthesis(self, ws, noise_mode="const"):
        assert self.gate.wait(60)
        self.paintings += 1
        return torch.tanh(ws.flatten(1) @ self.weight).view(-1, 3, 16, 16)


@dataclasses.dataclass
class TinyBundle:
    """Pixels are the embedding; "???" is a text that it does not know."""

    generator: TinyGenerator
    device: torch.device = torch.device("cpu")
    identity: object = None
    mapper: object = None
    sample_rate: int = 16_000

    def encode_image(self, images):
        return F.normalize(images.flatten(1), dim=-1)

    def encode_text(self, texts):
        if "???" in texts:
            raise SgimError("text is '???'; none of its <words> is known: write others.")
        return self._direction(1).expand(len(texts), -1)

    def encode_audio(self, sound, sample_rate=None):
        return self._direction(2)

    def _direction(self, seed):
        row = torch.randn(1, 768, generator=torch.Generator().manual_seed(seed))
        return F.normalize(row, dim=-1)
