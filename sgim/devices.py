"""Where models run, in which arithmetic, and on how many threads.

a device by name or the best one; pixels of a batch -> threads.
"""

import contextlib
import contextvars
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch

from sgim.checks import SgimError

if TYPE_CHECKING:
    from accelerate import PartialState


def this_process() -> "PartialState":
    """This process among those of `accelerate launch` or `torchrun`, or alone.

    On processors alone several of them need ACCELERATE_USE_CPU=true, as in accelerate itself.
    """
    from accelerate import PartialState
    from accelerate.utils import parse_flag_from_env

    return PartialState(cpu=parse_flag_from_env("ACCELERATE_USE_CPU"))


def pick_device(device: str | torch.device | None = None) -> torch.device:
    """The device asked for, or the best one that is there (CUDA, MPS, CPU)."""
    if device is None:
        return _best_device()
    try:
        tensor = torch.zeros(1, device=device)
        tensor.item()  # the device meta has no numbers
    except (RuntimeError, AssertionError, ImportError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0].split(". ")[0]
        raise SgimError(
            f"device {str(device)!r} is not usable here ({reason}); use 'cpu' or leave it out."
        ) from error
    return tensor.device


def _best_device() -> torch.device:
    """Accelerate is asked where it may have launched this process, and is not imported else."""
    if "LOCAL_RANK" in os.environ or any(name.startswith("ACCELERATE_") for name in os.environ):
        return this_process().device
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


@contextlib.contextmanager
def float32_by_default() -> Iterator[None]:
    """Inside, new tensors are float32 on the CPU, whatever the caller has set as default.

    It serves as a decorator, too, as `ordinary_torch` does.
    """
    dtype, device = torch.get_default_dtype(), torch.get_default_device()
    with contextlib.ExitStack() as stack:
        if device.type != "cpu":
            stack.enter_context(torch.device("cpu"))
        if dtype != torch.float32:
            torch.set_default_dtype(torch.float32)
            stack.callback(torch.set_default_dtype, dtype)
        yield


@contextlib.contextmanager
def ordinary_torch() -> Iterator[None]:
    """Inside, besides, gradients are recorded and nothing is cast.

    Whether or not the caller is in `torch.no_grad`, `torch.inference_mode` or `torch.autocast`.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(float32_by_default())
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        for kind in ("cpu", "cuda"):
            if torch.is_autocast_enabled(kind):
                stack.enter_context(torch.autocast(kind, enabled=False))
        yield


SMALL_WORK = 2 * 128 * 128
"""Pixels of a batch up to which a second thread brings a tenth at most, and costs sixfold where
another process wants the core: threads that wait for each other spin."""

_AT_START = torch.get_num_threads()
_ours = contextvars.ContextVar("threads that this module set last", default=_AT_START)


def threads_are_chosen() -> bool:
    """Whether the user chose them, by OMP_NUM_THREADS or `torch.set_num_threads`."""
    return "OMP_NUM_THREADS" in os.environ or torch.get_num_threads() not in (
        _AT_START,
        _ours.get(),
    )


def calm_threads() -> None:
    """One thread from here on, for commands, notebook kernels and tests, unless the user chose.

    Work that gains from more takes them by `threads_for`.
    """
    if not threads_are_chosen():
        torch.set_num_threads(1)
        _ours.set(1)


@contextlib.contextmanager
def threads_for(num_pixels: float) -> Iterator[None]:
    """Threads by the size of the work: one for small pictures, all for large ones and training.

    Parameters
    ----------
    num_pixels : float
        Pixels of a batch at the largest size it passes through; `math.inf` for training.
    """
    if threads_are_chosen():
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1 if num_pixels <= SMALL_WORK else _AT_START)
    token = _ours.set(torch.get_num_threads())
    try:
        yield
    finally:
        torch.set_num_threads(before)
        _ours.reset(token)
