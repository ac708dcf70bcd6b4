"""What `manipulate` gives: each step to a callback, and the whole edit at its end."""

from dataclasses import dataclass, field

import torch

from sgim.editing.manipulate_config import ManipulateConfig

STEPS_OF_ONE_PASS = 12
"""Pictures from the source to an edit that took no steps."""


@dataclass(frozen=True)
class ManipulateStep:
    """What a callback sees after each step.

    `images` (batch, 3, height, width) in [-1, 1] and `losses` (term -> float) belong to the latent
    before the step, with its exploration noise; `ws` (batch, num_ws, w_dim) is the latent after
    it, `layer_weights` (batch, num_ws) the mask g that the step was taken with.
    """

    index: int
    num_steps: int
    images: torch.Tensor
    losses: dict[str, float]
    ws: torch.Tensor
    layer_weights: torch.Tensor


@dataclass(frozen=True)
class ManipulateResult:
    """An edit and how it came about.

    `images`, `source_images`: (batch, 3, height, width) in [-1, 1]; `ws`, `source_ws`: (batch,
    num_ws, w_dim); `trajectory`: (steps + 1, batch, num_ws, w_dim), first the point the edit set
    out from (the source, unless another starting point was nearer to the target), last the edit;
    `history`: term -> one float per step (mean over the batch); `layer_weights`: (batch, num_ws),
    the final mask g; `seconds`: wall-clock time; `stopped_early`: by patience, callback or
    `stop_asked`.
    """

    images: torch.Tensor
    ws: torch.Tensor
    source_images: torch.Tensor
    source_ws: torch.Tensor
    trajectory: torch.Tensor
    history: dict[str, list[float]] = field(repr=False)
    layer_weights: torch.Tensor
    seconds: float
    stopped_early: bool
    config: ManipulateConfig

    @property
    def way(self) -> torch.Tensor:
        """The trajectory; of an edit without steps a line from the source to the edit."""
        if len(self.trajectory) > 1:
            return self.trajectory
        shares = torch.linspace(0, 1, STEPS_OF_ONE_PASS + 1).view(-1, 1, 1, 1)
        return torch.lerp(self.source_ws.cpu(), self.ws.cpu(), shares)
