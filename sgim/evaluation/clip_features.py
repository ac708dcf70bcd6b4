"""Every clip is embedded once: features on disk, from which a run that was stopped goes on.

`Benchmark`, `Embedder` -> features (clips, size); NaN for what cannot be heard
"""

import importlib
import warnings
from pathlib import Path

import torch

from sgim.checks import SgimError, require
from sgim.embedding.feature_cache import cached_features
from sgim.evaluation.benchmarks import Benchmark
from sgim.evaluation.embedders import Embedder

AT_ONCE = 4
"""Clips per call; the cache writes after eight calls."""


def clip_features(
    benchmark: Benchmark, embedder: Embedder, folder: Path, *, progress: bool = True
) -> torch.Tensor:
    """Embed the clips of a benchmark, or read what an earlier call wrote.

    Parameters
    ----------
    folder : Path
        For files that are written whole or not at all. Their names hold a fingerprint of encoder,
        clips and version, so the folder serves all benchmarks and may be deleted at any time.

    Returns
    -------
    torch.Tensor, (clips, size), float32
        A clip that cannot be read has a row of NaN.

    Raises
    ------
    SgimError
        When no clip can be heard.

    Warns
    -----
    UserWarning
        When some clips cannot be read.
    """
    version = importlib.import_module("sgim").__version__
    sound_of = dict(zip(map(bytes, benchmark.digests.numpy()), benchmark.clips.paths, strict=True))
    size = None

    def embed(digests: torch.Tensor) -> torch.Tensor:
        nonlocal size
        rows = [_embedded(benchmark, embedder, sound_of[bytes(row)]) for row in digests.numpy()]
        size = next((row.shape[1] for row in rows if row is not None), size)
        require(
            size is not None, f"the first clips of {benchmark.title} cannot be read; get it anew."
        )
        return torch.cat([torch.full((1, size), torch.nan) if row is None else row for row in rows])

    features = cached_features(
        folder,
        f"{benchmark.name}_{embedder.name}",
        benchmark.digests,
        embed,
        model=embedder.model,
        config=embedder.config | {"sample rate": embedder.sample_rate, "sgim": version},
        batch_size=AT_ONCE,
        progress=progress,
    )
    unheard = int(features.isnan().any(dim=1).sum())
    if unheard:
        warnings.warn(
            f"{unheard} of {len(features)} clips of {benchmark.title} cannot be heard; they are "
            "left out.",
            UserWarning,
            stacklevel=2,
        )
    return features


def _embedded(benchmark: Benchmark, embedder: Embedder, clip: object) -> torch.Tensor | None:
    """Features (1, size) of a clip, None when it cannot be read."""
    try:
        waveform, sample_rate = benchmark.read(clip, embedder.sample_rate)
    except (SgimError, OSError):
        return None
    return embedder.embed(waveform, sample_rate).detach().cpu().float()
