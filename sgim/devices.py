"""Where models run."""

import torch
from accelerate import PartialState

from sgim.checks import SgimError


def pick_device(device: str | torch.device | None = None) -> torch.device:
    """The device asked for, or the best one that is there (CUDA, MPS, CPU)."""
    if device is None:
        return PartialState().device
    try:
        return torch.empty(0, device=device).device
    except (RuntimeError, AssertionError) as error:
        raise SgimError(
            f"device {str(device)!r} is not usable here ({str(error).splitlines()[0]}); "
            "use 'cpu' or leave it out."
        ) from error
