"""Scenes by number: the same seed is the same place, for any generator.

seeds -> z -> mapping -> ws.
"""

from collections.abc import Sequence

import torch


def ws_from_seeds(generator, seeds: Sequence[int], truncation_psi: float = 0.7) -> torch.Tensor:
    """Latents of scenes that are drawn independently of each other.

    Parameters
    ----------
    generator : SceneGenerator or any generator with `mapping` and `z_dim`
    seeds : sequence of int, each from 0 to 2**63 - 1
    truncation_psi : float
        Share of the distance from the average scene that is kept.

    Returns
    -------
    torch.Tensor, (len(seeds), num_ws, w_dim); the same on every device
    """
    z = torch.stack(
        [torch.randn(generator.z_dim, generator=torch.Generator().manual_seed(s)) for s in seeds]
    )
    device = next(generator.buffers(), z).device
    return generator.mapping(z.to(device), truncation_psi=truncation_psi)
