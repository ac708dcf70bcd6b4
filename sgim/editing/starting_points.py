"""Where an edit may set out from instead of its source.

source ws + target -> where one pass of the mapper leads
source ws + target -> the generator's proposal whose picture is nearest to the target
"""

import torch

from sgim.checks import require
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


@torch.no_grad()
def mapped_start(
    bundle,
    source_ws: torch.Tensor,
    source_features: torch.Tensor,
    target: torch.Tensor,
    moving: torch.Tensor,
) -> torch.Tensor:
    """The latents after one pass of the bundle's mapper; rows outside `moving` stay.

    `source_features` and `target` (batch or 1, embed_dim) are as the mapper takes them.
    """
    require(
        bundle.mapper is not None,
        "start is 'mapper' but the bundle has no mapper for its generator; use start='source', or "
        "train one: see docs/training.md.",
    )
    shape = (bundle.mapper.config.num_ws, bundle.mapper.config.w_dim)
    require(
        source_ws.shape[1:] == shape,
        f"the latents are {tuple(source_ws.shape[1:])} and the bundle's mapper takes {shape}; it "
        "was trained for another generator: use start='source'.",
    )
    target, source_features = (one.expand(len(source_ws), -1) for one in (target, source_features))
    found = bundle.mapper(source_ws, target, source_features)
    return torch.where(moving, found, source_ws)
