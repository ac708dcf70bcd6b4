"""Views of edits by networks that took no part in them: the judge, and an ear of its own.

pictures -> the judge's features -> perceptual distance, Fréchet distance
sounds + pictures -> a line from one to the other, fitted on renders -> their cosine
"""

import numpy as np
import torch
import torch.nn.functional as F

from sgim.models.judge import Judge
from sgim.seeds import ws_from_seeds
from sgim.world.names import SOUND_NAMES
from sgim.world.sounds import synthesize_sound

FITTED_SCENES = tuple(range(63_000, 63_004))
FITTED_LEVELS = (0.3, 0.6, 0.9)
FITTED_SOUND = 630_000
PENALTY = 0.1
"""Of the ridge regression, beside unit-length features."""


@torch.no_grad()
def judge_maps(judge: Judge, images: torch.Tensor) -> list[torch.Tensor]:
    """The judge's features after each of its stages, (batch, channels, height, width) each."""
    size = (judge.config.image_size,) * 2
    if images.shape[2:] != size:
        images = F.interpolate(images, size, mode="bilinear", antialias=True)
    maps = []
    for stage in judge.stages:
        images = stage(images)
        maps.append(images)
    return maps


def judge_features(judge: Judge, images: torch.Tensor) -> torch.Tensor:
    """What the judge's last layer sees: means and maxima over space, (batch, 2 channels)."""
    last = judge_maps(judge, images)[-1]
    return torch.cat([last.mean((2, 3)), last.amax((2, 3))], dim=1)


def perceptual_distance(
    judge: Judge, images: torch.Tensor, source_images: torch.Tensor
) -> torch.Tensor:
    """The recipe of LPIPS (Zhang et al. 2018) on the judge's features, unweighted: (batch,).

    At every place of every stage the channels are scaled to unit length; their squared difference
    is averaged over places and stages. 0 where the pictures are the same.
    """
    pairs = zip(judge_maps(judge, images), judge_maps(judge, source_images), strict=True)
    distances = [
        (F.normalize(one, dim=1) - F.normalize(other, dim=1)).square().sum(dim=1).mean((1, 2))
        for one, other in pairs
    ]
    return torch.stack(distances).mean(dim=0)


def frechet_distance(features: np.ndarray, reference: np.ndarray) -> float:
    """|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)) of two sets (count, size) (Heusel et al. 2017).

    Examples
    --------
    >>> points = np.random.default_rng(0).standard_normal((50, 3))
    >>> round(frechet_distance(points, points + [2, 0, 0]), 6)
    4.0
    """
    apart = features.mean(axis=0) - reference.mean(axis=0)
    first, second = (np.cov(one, rowvar=False) for one in (features, reference))
    roots = np.sqrt(np.clip(np.linalg.eigvals(first @ second).real, 0, None))
    return float(apart @ apart + np.trace(first) + np.trace(second) - 2 * roots.sum())


class OutsideEar:
    """How well a sound and a picture belong together, by networks that no edit has followed.

    An audio encoder that has never guided an edit hears sounds, the judge sees renders of the same
    weathers and levels; ridge regression predicts what the judge sees from what is heard.
    """

    def __init__(self, bundle, judge: Judge) -> None:
        self.bundle, self.judge = bundle, judge
        asked = [(name, level) for name in SOUND_NAMES for level in FITTED_LEVELS]
        source_ws = ws_from_seeds(bundle.generator, FITTED_SCENES)
        heard, seen = [], []
        for number, (name, level) in enumerate(asked):
            sounds = [
                synthesize_sound(name, level, 5.0, FITTED_SOUND + 10 * number + copy)
                for copy in range(len(FITTED_SCENES))
            ]
            heard += [bundle.encode_audio(*sound) for sound in sounds]
            with torch.no_grad():
                ws = bundle.generator.with_weather(source_ws, {name: level})
                seen.append(judge_features(judge, bundle.generator.synthesis(ws)))
        heard, seen = torch.cat(heard), torch.cat(seen)
        self.heard_mean, self.seen_mean = heard.mean(dim=0), seen.mean(dim=0)
        x, y = heard - self.heard_mean, seen - self.seen_mean
        gram = x.T @ x + PENALTY * torch.eye(x.shape[1]).to(x)
        self.line = torch.linalg.solve(gram, x.T @ y)

    def cosines(self, sounds: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
        """Cosine of what is expected and what is seen, (batch,); 0 for what is unrelated.

        Parameters
        ----------
        sounds : torch.Tensor, (batch, embed_dim)
            As this ear's bundle hears them.
        images : torch.Tensor, (batch, 3, height, width) in [-1, 1]
        """
        expected = (sounds - self.heard_mean) @ self.line
        seen = judge_features(self.judge, images) - self.seen_mean
        return F.cosine_similarity(expected, seen)
