"""What an audio encoder learns from: sounds, captions and pictures that belong together.

log-mels + captions + pictures of the same class and intensity -> `AlignmentData` -> `PictureDrawer`
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

import torch

from sgim.checks import require
from sgim.world.captions import describe
from sgim.world.names import CLEAR, HEARD_NAMES
from sgim.world.rewording import augment_caption

CAPTIONS_PER_CLIP = 6


@dataclass(frozen=True)
class AlignmentData:
    """Everything the loop needs, with the frozen towers' features computed once.

    `log_mels`: (clips, n_mels, n_frames) float16; `classes`: (clips,) index into `names`;
    `intensities`: (clips,) in [0, 1]; `text_features`: (clips, captions, embed_dim);
    `image_features`: (pictures, embed_dim) with `image_classes` and `image_intensities`;
    `own_pictures`: (clips,) index of the picture each clip was recorded with, None where any
    picture of the same class and intensity will do. `log_mels` and `text_features` may also be
    objects of that shape that make their rows when asked. `names` are those of the classes.
    """

    log_mels: torch.Tensor
    classes: torch.Tensor
    intensities: torch.Tensor
    text_features: torch.Tensor
    image_features: torch.Tensor
    image_classes: torch.Tensor
    image_intensities: torch.Tensor
    own_pictures: torch.Tensor | None = None
    names: tuple[str, ...] = HEARD_NAMES


def pair_sounds(
    log_mels: torch.Tensor,
    classes: torch.Tensor,
    intensities: torch.Tensor,
    encode_text: Callable[[list[str]], torch.Tensor],
    image_features: torch.Tensor,
    image_weathers: list[dict[str, float]],
    *,
    seed: int = 1,
) -> AlignmentData:
    """Join sounds with reworded captions and pictures that share class and intensity.

    Parameters
    ----------
    log_mels : torch.Tensor, (clips, n_mels, n_frames)
    classes : torch.Tensor, (clips,), index into `HEARD_NAMES`
    intensities : torch.Tensor, (clips,) in [0, 1]
    encode_text : callable
        Frozen text tower, all sentences at once -> (count, embed_dim) unit norm.
    image_features : torch.Tensor, (pictures, embed_dim), unit norm
    image_weathers : list of dict
        What each picture shows; clear ones and those with one audible weather are kept.
    """
    rng = random.Random(seed)
    captions = [
        augment_caption(describe(HEARD_NAMES[name], intensity, rng), rng)
        for name, intensity in zip(classes.tolist(), intensities.tolist(), strict=True)
        for _ in range(CAPTIONS_PER_CLIP)
    ]
    shown = [
        (index, *next(iter(weather.items()), (CLEAR, 0.0)))
        for index, weather in enumerate(image_weathers)
        if len(weather) < 2 and set(weather) <= set(HEARD_NAMES)
    ]
    return AlignmentData(
        log_mels=log_mels,
        classes=classes,
        intensities=intensities,
        text_features=encode_text(captions).view(len(classes), CAPTIONS_PER_CLIP, -1),
        image_features=image_features[[index for index, _, _ in shown]],
        image_classes=torch.tensor([HEARD_NAMES.index(name) for _, name, _ in shown]),
        image_intensities=torch.tensor([intensity for _, _, intensity in shown]),
    )


class PictureDrawer:
    """Draws pictures that show what clips play: same class, intensity within a tolerance."""

    def __init__(self, data: AlignmentData, tolerance: float) -> None:
        self.tolerance = tolerance
        self.sorted = {}
        for name in data.classes.unique().tolist():
            members = (data.image_classes == name).nonzero()[:, 0]
            require(
                len(members) > 0,
                f"no picture shows {data.names[name]}; every sound needs some: render more.",
            )
            intensities, order = data.image_intensities[members].sort()
            self.sorted[name] = (intensities, members[order])

    def draw(
        self, classes: torch.Tensor, intensities: torch.Tensor, generator: torch.Generator
    ) -> torch.Tensor:
        """Return one picture index per clip, (clips,)."""
        shift = (2 * torch.rand(len(classes), generator=generator) - 1) * self.tolerance
        wanted = (intensities + shift).clamp(0, 1)
        picked = torch.empty(len(classes), dtype=torch.long)
        for name, (known, members) in self.sorted.items():
            mine = classes == name
            nearest = torch.searchsorted(known, wanted[mine]).clamp(max=len(known) - 1)
            picked[mine] = members[nearest]
        return picked
