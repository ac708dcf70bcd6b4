"""Where models run."""

import torch
from accelerate import PartialState
from accelerate.utils import parse_flag_from_env

from sgim.checks import SgimError


def this_process() -> PartialState:
    """This process among those of `accelerate launch` or `torchrun`, or alone.

    On processors alone several of them need ACCELERATE_USE_CPU=true, as in accelerate itself.
    """
    return PartialState(cpu=parse_flag_from_env("ACCELERATE_USE_CPU"))


def pick_device(device: str | torch.device | None = None) -> torch.device:
    """The device asked for, or the best one that is there (CUDA, MPS, CPU)."""
    if device is None:
        return this_process().device
    try:
        return torch.empty(0, device=device).device
    except (RuntimeError, AssertionError) as error:
        raise SgimError(
            f"device {str(device)!r} is not usable here ({str(error).splitlines()[0]}); "
            "use 'cpu' or leave it out."
        ) from error
