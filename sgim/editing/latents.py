"""Latents as they are given, made those of a generator.

tensor, array or file of one w, of one for each row, or of a batch -> ws (batch, num_ws, w_dim)
"""

import os

import numpy as np
import torch

from sgim.checks import SgimError, cast_like, require
from sgim.files.latents import load_latents, tensor_of


def as_ws(latents, generator, name: str = "source_ws") -> torch.Tensor:
    """Latents in the shape, the dtype and on the device of a generator.

    Parameters
    ----------
    latents : torch.Tensor, numpy.ndarray or path
        (w_dim,), (1, w_dim) and (batch, 1, w_dim) stand for the same in every row; (num_ws,
        w_dim) is one latent, (batch, num_ws, w_dim) several. Numbers of any precision; files as
        `load_latents` reads them.
    generator : any generator with `num_ws` and `w_dim`
    name : str
        For the sentence.

    Returns
    -------
    torch.Tensor, (batch, num_ws, w_dim)
        A copy, without gradients.

    Raises
    ------
    SgimError
        For another shape, numbers that are not finite, and what is neither of these.
    """
    if isinstance(latents, (str, os.PathLike)):
        name, latents = f"the latent in {os.fspath(latents)}", load_latents(latents)
    if isinstance(latents, np.ndarray):
        require(
            latents.dtype.kind in "fiu",
            f"{name} is an array of {latents.dtype}; it must hold real numbers: convert it.",
        )
        latents = tensor_of(latents)
    if not isinstance(latents, torch.Tensor):
        raise SgimError(
            f"{name} is a {type(latents).__name__}; it must be a tensor, an array or the path of a "
            "file of latents: use generator.mapping(z)."
        )
    num_ws, w_dim = generator.num_ws, generator.w_dim
    ws = latents if latents.ndim > 2 else latents[None]
    if tuple(latents.shape) in ((w_dim,), (1, w_dim)):
        ws = latents.reshape(1, 1, w_dim)
    require(
        ws.ndim == 3 and len(ws) > 0 and ws.shape[1] in (1, num_ws) and ws.shape[2] == w_dim,
        f"{name} has shape {tuple(latents.shape)}; this generator takes (batch, {num_ws}, "
        f"{w_dim}): use generator.mapping(z).",
    )
    ws = cast_like(name, ws.detach(), kind_of(generator))
    return ws.expand(-1, num_ws, -1).clone()


def kind_of(generator) -> torch.Tensor:
    """A tensor of the generator, for its dtype and device."""
    own = [*generator.buffers(), *generator.parameters()]
    return next((one for one in own if one.is_floating_point()), torch.zeros(()))
