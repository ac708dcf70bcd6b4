"""Teaches the prior which picture a sound or a caption belongs to.

pictures with known weathers + captions and sounds of the same -> pairs of embeddings -> `Prior`
"""

import bisect
import functools
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F

from sgim.checks import require_in_range
from sgim.embedding.feature_cache import fingerprint_of
from sgim.embedding.sound_shards import load_sounds
from sgim.embedding.training_config import TrainingConfig
from sgim.embedding.training_loop import train
from sgim.files.checkpoint import load_tensors, save_tensors
from sgim.losses import cosine_distance
from sgim.models.audio_encoder import AudioEncoder
from sgim.models.prior import Prior, PriorConfig
from sgim.world.names import CLEAR, HEARD_NAMES, WEATHER_NAMES
from sgim.world.places import landscape_words
from sgim.world.samples import FAINTEST, caption_of

TOLERANCE = 0.05
"""How far the intensity of a sound or caption may lie from the picture's."""


@dataclass(frozen=True, kw_only=True)
class PriorTrainingConfig(TrainingConfig):
    """How the prior learns.

    `sound_share` of all looks hear, the others read. `noise` is the standard deviation added to
    each coordinate of what is heard or read: recordings never lie exactly where training sounds do.
    `recording_share` of the sounds of one weather are recordings. The faintest recording of a
    weather asks for a picture with `faintest_recording` of it. Nobody measured recordings; but who
    publishes one of rain publishes rain that one hears.
    """

    num_epochs: int = 40
    batch_size: int = 256
    sound_share: float = 0.6
    noise: float = 0.02
    recording_share: float = 0.25
    faintest_recording: float = 0.4

    def __post_init__(self) -> None:
        super().__post_init__()
        require_in_range("sound_share", self.sound_share, 0.0, 1.0)
        require_in_range("noise", self.noise, 0.0, 1.0)
        require_in_range("recording_share", self.recording_share, 0.0, 1.0)
        require_in_range("faintest_recording", self.faintest_recording, 0.0, 1.0)


@dataclass(frozen=True)
class Bank:
    """Embedded sounds or captions of one weather each.

    `features` (count, embed_dim), unit norm, with the name and the intensity in [0, 1] of each.
    """

    features: torch.Tensor
    names: list[str]
    intensities: list[float]

    def __add__(self, other: "Bank") -> "Bank":
        """Both together."""
        return Bank(
            torch.cat([self.features, other.features]),
            [*self.names, *other.names],
            [*self.intensities, *other.intensities],
        )

    def lifted(self, faintest: float) -> "Bank":
        """The same sounds, intensities above 0 moved from their own range to [`faintest`, 1]."""
        lowest = min((value for value in self.intensities if value > 0), default=0.0)
        slope = (1 - faintest) / (1 - lowest) if lowest < 1 else 0.0
        lifted = [value and 1 - slope * (1 - value) for value in self.intensities]
        return Bank(self.features, self.names, lifted)

    def save(self, path: Path) -> None:
        """Write it to a safetensors file."""
        classes = torch.tensor([HEARD_NAMES.index(name) for name in self.names])
        intensities = torch.tensor(self.intensities)
        save_tensors(
            path, {"features": self.features, "classes": classes, "intensities": intensities}, {}
        )

    @classmethod
    def load(cls, path: Path) -> "Bank":
        """The sounds that `save` wrote."""
        tensors, _ = load_tensors(path)
        names = [HEARD_NAMES[index] for index in tensors["classes"].tolist()]
        return cls(tensors["features"], names, tensors["intensities"].tolist())

    @functools.cached_property
    def shelves(self) -> dict[str, list[tuple[float, int]]]:
        """Name -> (intensity, row of `features`) of all that have it, by intensity."""
        shelves: dict[str, list[tuple[float, int]]] = {}
        for row, (name, value) in enumerate(zip(self.names, self.intensities, strict=True)):
            shelves.setdefault(name, []).append((value, row))
        return {name: sorted(one) for name, one in shelves.items()}

    def draw(self, name: str, intensity: float, rng: random.Random) -> torch.Tensor:
        """One of that name whose intensity is near, (embed_dim,)."""
        shelf = self.shelves[name]
        low = bisect.bisect_left(shelf, (intensity - TOLERANCE, 0))
        high = bisect.bisect_right(shelf, (intensity + TOLERANCE, 0))
        if low >= high:
            low, high = max(0, min(low, len(shelf)) - 1), min(len(shelf), low + 1)
        return self.features[shelf[rng.randrange(low, high)][1]]

    def mix(self, weather: dict[str, float], rng: random.Random) -> torch.Tensor:
        """A mixture that says `weather`, (embed_dim,), unit norm.

        Of several weathers the strongest has weight 1. The others have the same weight and their
        own intensity, or are more intense and weigh less.
        """
        if not weather:
            return self.draw(CLEAR, 0.0, rng)
        strongest = max(weather, key=weather.get)
        parts = []
        for name, intensity in weather.items():
            given = intensity
            if name != strongest and rng.random() < 0.5:
                given = rng.uniform(intensity, 1.0)
            parts.append(intensity / given * self.draw(name, given, rng))
        return F.normalize(sum(parts), dim=0)


@torch.no_grad()
def sound_bank(encoders: list[AudioEncoder], shards: list[Path]) -> Bank:
    """Sounds as each of the audio encoders hears them."""
    log_mels, classes, intensities = load_sounds(shards)
    features = [
        encoder(part[:, None].float()) for encoder in encoders for part in log_mels.split(64)
    ]
    names = [HEARD_NAMES[index] for index in classes.tolist()]
    strengths = intensities.where(classes != HEARD_NAMES.index(CLEAR), 0.0).tolist()
    return Bank(torch.cat(features), names * len(encoders), strengths * len(encoders))


@dataclass(frozen=True)
class PriorPairs:
    """`pictures` (count, embed_dim); `words` and `sounds` (count, ways, embed_dim), the sounds zero
    where a weather of the picture cannot be heard: not `is_audible` (count,)."""

    pictures: torch.Tensor
    words: torch.Tensor
    sounds: torch.Tensor
    is_audible: torch.Tensor


def pair_pictures(
    picture_features: torch.Tensor,
    weathers: list[dict[str, float]],
    landscapes: list[dict[str, float]],
    sounds: Bank,
    encode_text: Callable[[list[str]], torch.Tensor],
    *,
    recordings: Bank | None = None,
    recording_share: float = PriorTrainingConfig.recording_share,
    ways: int = 4,
    seed: int = 1,
) -> PriorPairs:
    """Give every picture captions and sounds of just the weathers that it shows.

    Half of the words are captions of the whole, every other one with words on place and light; the
    other half are mixtures of captions of one weather.

    Parameters
    ----------
    picture_features : torch.Tensor, (count, embed_dim), unit norm
    weathers, landscapes : list of dict, one per picture
        What it shows: name -> intensity in [0, 1], and the parameters of the place.
    sounds : Bank
        Synthetic ones. Several weathers at once, and none, are of these alone: an ear is less sure
        of recordings, and a prior that has met mixtures of them takes every doubt for a second
        weather.
    encode_text : callable
        Frozen text tower, all sentences at once -> (count, embed_dim), unit norm.
    recordings : Bank
        Where there are any, `recording_share` in [0, 1] of the sounds of one weather are of these.
    ways : int
        Looks at each picture, with words and a sound each.
    """
    rng = random.Random(seed)
    captions = caption_bank(encode_text, rng)
    scenes = list(zip(weathers, landscapes, strict=True))
    whole = encode_text(
        [
            caption_of(weather, rng) if way % 4 == 0 else _caption_of_all(weather, landscape, rng)
            for weather, landscape in scenes
            for way in range(ways)
        ]
    )
    words = whole.view(len(weathers), ways, -1).clone()
    heard = torch.zeros_like(words)
    is_audible = torch.tensor([set(weather) <= set(HEARD_NAMES) for weather in weathers])
    for index, weather in enumerate(weathers):
        for way in range(ways):
            if way % 2:
                words[index, way] = captions.mix(weather, rng)
            if is_audible[index]:
                bank = sounds
                if recordings is not None and len(weather) == 1 and rng.random() < recording_share:
                    bank = recordings
                heard[index, way] = bank.mix(weather, rng)
    return PriorPairs(picture_features, words, heard, is_audible)


def _caption_of_all(
    weather: dict[str, float], landscape: dict[str, float], rng: random.Random
) -> str:
    """Weather, place and light; of a clear scene sometimes place and light alone."""
    words = landscape_words(landscape, rng)
    if words and not weather and rng.random() < 0.5:
        return " ".join(words)
    return caption_of(weather, rng, landscape)


def caption_bank(
    encode_text: Callable[[list[str]], torch.Tensor], rng: random.Random, per_name: int = 400
) -> Bank:
    """Captions of one weather each, at all intensities."""
    names = [name for name in (*WEATHER_NAMES, CLEAR) for _ in range(per_name)]
    intensities = [0.0 if name == CLEAR else rng.uniform(FAINTEST, 1.0) for name in names]
    told = [
        caption_of({name: intensity} if name != CLEAR else {}, rng)
        for name, intensity in zip(names, intensities, strict=True)
    ]
    return Bank(encode_text(told), names, intensities)


def train_prior(
    pairs: PriorPairs,
    *,
    config: PriorTrainingConfig | None = None,
    prior_config: PriorConfig | None = None,
    checkpoint: Path | None = None,
    progress: bool = True,
) -> tuple[Prior, list[dict[str, float]]]:
    """Train a prior; its history tells the mean cosine distance from the pictures."""
    config = config or PriorTrainingConfig()
    torch.manual_seed(config.seed)
    prior = Prior(prior_config or PriorConfig(embed_dim=pairs.pictures.shape[1]))

    def loss_of_batch(model, batch, generator):
        count, ways = len(batch), pairs.words.shape[1]
        hears = torch.rand(count, generator=generator) < config.sound_share
        way = torch.randint(ways, (count,), generator=generator)
        given = torch.where(
            (hears & pairs.is_audible[batch])[:, None],
            pairs.sounds[batch, way],
            pairs.words[batch, way],
        )
        given = given + config.noise * torch.randn(given.shape, generator=generator)
        device = next(model.parameters()).device
        seen = model(given.to(device))
        return {"loss": cosine_distance(seen, pairs.pictures[batch].to(device)).mean()}

    history = train(
        prior,
        loss_of_batch,
        len(pairs.pictures),
        config,
        checkpoint=checkpoint,
        data=fingerprint_of({}, vars(pairs).items()),
        progress=progress,
    )
    return prior, history
