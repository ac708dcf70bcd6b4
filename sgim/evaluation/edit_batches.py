"""Many edits at once: every scene toward every target.

source ws x target embeddings -> `manipulate` in batches -> `Edited`, one per target
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from tqdm import tqdm

from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulation import manipulate

BATCH = 16
"""Pictures that are edited together; each moves as it would alone."""


@dataclass(frozen=True)
class Edited:
    """Latents before and after an edit, its pictures, and the seconds that all of them took."""

    source_ws: torch.Tensor
    ws: torch.Tensor
    images: torch.Tensor
    seconds: float


def edit_all(
    bundle,
    source_ws: torch.Tensor,
    targets: Sequence[torch.Tensor],
    *,
    config: ManipulateConfig | None = None,
    what: str = "edits",
    progress: bool = False,
) -> list[Edited]:
    """Edit every scene toward every target, (1, embed_dim) each; one `Edited` per target."""
    num_scenes = len(source_ws)
    jobs = zip(
        source_ws.repeat(len(targets), 1, 1).split(BATCH),
        torch.cat(list(targets)).repeat_interleave(num_scenes, dim=0).split(BATCH),
        strict=True,
    )
    count = -(-len(targets) * num_scenes // BATCH)
    results = [
        manipulate(bundle, ws, target_features=features, config=config)
        for ws, features in tqdm(jobs, what, total=count, leave=False, disable=not progress)
    ]
    seconds = sum(result.seconds for result in results) / len(targets)
    ws = torch.cat([result.ws for result in results]).split(num_scenes)
    images = torch.cat([result.images for result in results]).split(num_scenes)
    return [Edited(source_ws, *pair, seconds) for pair in zip(ws, images, strict=True)]


def edit_each(
    bundle,
    source_ws: torch.Tensor,
    targets: torch.Tensor,
    *,
    config: ManipulateConfig | None = None,
) -> torch.Tensor:
    """Edit every scene toward its own target, (scenes, embed_dim): latents after the edits."""
    pairs = zip(source_ws.split(BATCH), targets.split(BATCH), strict=True)
    return torch.cat(
        [
            manipulate(bundle, ws, target_features=features, config=config).ws
            for ws, features in pairs
        ]
    )


def smaller_pictures(bundle, img_resolution: int):
    """The same bundle, whose generator paints the same scenes at another size."""
    return replace(bundle, generator=bundle.generator.at_resolution(img_resolution))
