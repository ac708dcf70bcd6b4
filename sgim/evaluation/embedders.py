"""What is measured on a benchmark: bundles, ears of one's own, baselines that learned nothing.

name -> `Embedder`: a sound -> features, with words and pictures where they share its space
"""

import csv
import dataclasses
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from sgim.bundle import AUDIO_WEIGHTS, Bundle, load_bundle
from sgim.checks import SgimError, nearest, require
from sgim.embedding.dataset_training import with_trained_encoder
from sgim.embedding.feature_cache import fingerprint
from sgim.evaluation.rivals import RIVALS, Rival
from sgim.files.registry import WEIGHTS_OF_BUNDLES
from sgim.media.log_mel import LogMel
from sgim.media.silence import sounding
from sgim.models.audio_encoder import AudioEncoder

SAMPLE_RATE = 16_000
BUNDLES = (*AUDIO_WEIGHTS, *WEIGHTS_OF_BUNDLES)
RANDOM, MFCC, LOG_MEL = "random", "mfcc", "log-mel"
BASELINES = (RANDOM, MFCC, LOG_MEL)
KNOWN = (*BUNDLES, *BASELINES, *RIVALS)
RANDOM_SEED = 0
NUM_MFCC = 20
ABOUT = {
    "mini": "the encoder that ships; it has heard synthetic sounds and recordings",
    "mini-synthetic": "the encoder that has heard synthetic sounds alone",
    "laion-clap": "LAION-CLAP through transformers, trained on 630 000 recordings: an upper bound",
    "wav2clip": "the encoder that Wav2CLIP's authors released, trained on VGG-Sound",
    "paper": "the encoder that SGIM's authors released, trained on VGG-Sound",
    RANDOM: "an encoder of the same size with random weights",
    MFCC: f"mean and deviation over time of {NUM_MFCC} MFCC and their slopes",
    LOG_MEL: "mean and deviation over time of 64 log-mel bands",
}
HEARD = Path(__file__).parents[2] / "data/training_recordings.csv"
"""The recordings that the shipped encoder was trained on; in a clone of the project."""

FREESOUND = re.compile(r"/sounds/(\d+)/|^Freesound (\d+)$")


@dataclass(frozen=True, kw_only=True)
class Embedder:
    """Anything that makes numbers of a sound.

    `embed`: waveform (num_samples,) and its sample rate -> (1, size). `model` and `config` are all
    that it depends on. `bundle`: whose words and pictures lie in the same space; None for
    statistics. `heard`: numbers at Freesound of the recordings it was trained on; None where
    nobody knows.
    """

    name: str
    about: str
    embed: Callable[[torch.Tensor, int], torch.Tensor]
    sample_rate: int = SAMPLE_RATE
    model: nn.Module = dataclasses.field(default_factory=nn.Identity)
    config: dict = dataclasses.field(default_factory=dict)
    bundle: Bundle | Rival | None = None
    heard: frozenset[str] | None = frozenset()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of its weights and settings."""
        return fingerprint(self.model, self.config, torch.empty(0))


def load_embedder(name: str) -> Embedder:
    """Load an encoder, or make a baseline.

    Parameters
    ----------
    name : str
        A bundle such as "mini"; "random", "mfcc" or "log-mel"; an encoder of others, "laion-clap"
        or "wav2clip", where its package and files are here; or a folder with the
        `audio.safetensors` of `sgim train recordings`, for example "build/ear".

    Raises
    ------
    SgimError
        When the name is none of these, weights or a package are missing, such as librosa for
        "mfcc".
    """
    if name in BUNDLES:
        heard = {"mini": recordings_heard(), "mini-synthetic": frozenset()}.get(name)
        return _with_bundle(name, load_bundle(name), ABOUT.get(name, name), heard)
    if name == RANDOM:
        bundle = load_bundle("mini")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(RANDOM_SEED)
            encoder = AudioEncoder(bundle.audio_encoder.config)
        encoder = encoder.eval().requires_grad_(False).to(bundle.device)
        bundle = dataclasses.replace(bundle, audio_encoder=encoder)
        return _with_bundle(name, bundle, ABOUT[name], frozenset())
    if name in (MFCC, LOG_MEL):
        return _statistics(name)
    if name in RIVALS:
        return _of_others(name, RIVALS[name]())
    require(
        Path(name).is_dir(),
        f"bundle is {name!r}; it must be one of {', '.join(KNOWN)}, or a folder "
        f"that holds audio.safetensors{nearest(name, KNOWN)}.",
    )
    bundle = with_trained_encoder(load_bundle("mini"), name)
    return _with_bundle(os.path.basename(os.path.abspath(name)), bundle, "trained here", None)


def recordings_heard(path: Path = HEARD) -> frozenset[str] | None:
    """Numbers at Freesound of the recordings that a list of sources names, None without a list."""
    if not path.is_file():
        return None
    with open(path, newline="", encoding="utf-8") as file:
        found = [FREESOUND.search(row["source"]) for row in csv.DictReader(file)]
    return frozenset(match[1] or match[2] for match in found if match)


def _with_bundle(name: str, bundle: Bundle, about: str, heard: frozenset[str] | None) -> Embedder:
    return Embedder(
        name=name,
        about=about,
        embed=bundle.encode_audio,
        sample_rate=bundle.sample_rate,
        model=bundle.audio_encoder,
        config={"front end": repr(bundle.log_mel)},
        bundle=bundle,
        heard=heard,
    )


def _of_others(name: str, rival: Rival) -> Embedder:
    return Embedder(
        name=name,
        about=ABOUT[name],
        embed=rival.encode_audio,
        sample_rate=rival.sample_rate,
        model=rival.model,
        config={"model": name},
        bundle=rival if rival.has_words else None,
        heard=None,
    )


def _statistics(name: str) -> Embedder:
    """Means and deviations over time, of what sounds, as the encoders hear it."""
    describe = _mfcc() if name == MFCC else _log_mel()

    def embed(waveform: torch.Tensor, sample_rate: int) -> torch.Tensor:
        rows = describe(sounding(waveform, sample_rate))
        return torch.cat([rows.mean(dim=1), rows.std(dim=1, unbiased=False)])[None]

    return Embedder(name=name, about=ABOUT[name], embed=embed, config={"statistics": name})


def _log_mel() -> Callable[[torch.Tensor], torch.Tensor]:
    log_mel = LogMel()
    return lambda waveform: log_mel(waveform[None])[0, 0]


def _mfcc() -> Callable[[torch.Tensor], torch.Tensor]:
    try:
        import librosa
    except ImportError as error:
        raise SgimError(
            "librosa is not installed; it makes the MFCC: run `pip install 'sgim[lab]'`, or leave "
            "mfcc out."
        ) from error

    def describe(waveform: torch.Tensor) -> torch.Tensor:
        rows = librosa.feature.mfcc(
            y=waveform.numpy(), sr=SAMPLE_RATE, n_mfcc=NUM_MFCC, n_fft=512, hop_length=160
        )
        slopes = librosa.feature.delta(rows, mode="nearest")
        return torch.from_numpy(np.concatenate([rows, slopes])).float()

    return describe
