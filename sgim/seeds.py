"""Scenes by number: the same seed is the same place, for any generator.

seeds -> z, perhaps a class -> mapping -> ws.
"""

from collections.abc import Iterable, Sequence
from numbers import Integral

import torch

from sgim.checks import require


def ws_from_seeds(
    generator, seeds: Sequence[int], truncation_psi: float = 0.7, c=None
) -> torch.Tensor:
    """Latents of scenes that are drawn independently of each other.

    Parameters
    ----------
    generator : SceneGenerator or any generator with `mapping` and `z_dim`
    seeds : sequence of int, each from 0 to 2**63 - 1
    truncation_psi : float
        Share of the distance from the average scene that is kept.
    c : int, str, a sequence of these, or torch.Tensor
        The class, for conditional generators, as their `mapping` takes it.

    Returns
    -------
    torch.Tensor, (len(seeds), num_ws, w_dim); the same on every device

    Raises
    ------
    SgimError
        For seeds that are none, and no seeds at all.
    """
    seeds = list(seeds) if isinstance(seeds, Iterable) else seeds
    require(
        isinstance(seeds, list)
        and bool(seeds)
        and all(isinstance(s, Integral) and 0 <= s < 2**63 for s in seeds),
        f"seeds are {seeds!r}; they are whole numbers from 0 to 2**63 - 1: pass [0], for example.",
    )
    drawn = [
        torch.randn(
            generator.z_dim,
            generator=torch.Generator().manual_seed(int(seed)),
            dtype=torch.float32,
            device="cpu",
        )
        for seed in seeds
    ]
    z = torch.stack(drawn)
    device = next(generator.buffers(), z).device
    return latents_of(generator, z.to(device), c, truncation_psi)


def latents_of(generator, z: torch.Tensor, c=None, truncation_psi: float = 1.0) -> torch.Tensor:
    """`generator.mapping` of codes z (batch, z_dim), with a class `c` where one is given.

    Raises
    ------
    SgimError
        For a class where the generator has none, and for none where it has some.
    """
    if c is None:
        return generator.mapping(z, truncation_psi=truncation_psi)
    require(
        getattr(generator, "num_classes", 0) > 0,
        f"c is {c!r}, and this generator has no classes: leave c out.",
    )
    return generator.mapping(z, c, truncation_psi=truncation_psi)
