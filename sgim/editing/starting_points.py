"""Where an edit may set out from instead of its source: places that a generator proposes.

source ws + target -> the proposal whose picture is nearest to the target
"""

import torch

from sgim.losses import cosine_distance


@torch.no_grad()
def best_start(
    bundle, source_ws: torch.Tensor, target: torch.Tensor, moving: torch.Tensor
) -> torch.Tensor:
    """The starting point of each item whose picture comes nearest to the target.

    Generators may offer `starting_points(ws)`, (num_starts, batch, num_ws, w_dim), with the source
    among them; others start from the source. Only rows that are True in `moving` (num_ws, 1)
    differ from the source.
    """
    if not hasattr(bundle.generator, "starting_points"):
        return source_ws
    starts = torch.where(moving, bundle.generator.starting_points(source_ws), source_ws)
    distances = torch.stack(
        [
            cosine_distance(bundle.encode_image(bundle.generator.synthesis(ws)), target)
            for ws in starts
        ]
    )
    return starts[distances.argmin(dim=0), torch.arange(len(source_ws), device=starts.device)]
