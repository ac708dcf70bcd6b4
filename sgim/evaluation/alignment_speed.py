"""How fast the alignment is beside slow ways of doing the same: `python -m sgim bench align`.

two ways of the same work, timed in turn -> medians, ratios, largest difference

All data are made up here: neither what a sound says nor what a weight is changes how long it takes.
"""

import math
from dataclasses import dataclass

import numpy as np
import open_clip
import torch
from open_clip.model import CLIP
from tqdm import tqdm

from sgim.checks import SgimError, require
from sgim.devices import pick_device, threads_for
from sgim.embedding.mini_stages import MiniTrainingConfig
from sgim.embedding.training_loop import start_processes
from sgim.evaluation.timing import Comparison, Times, compare
from sgim.evaluation.training_steps import compare_steps, time_mini_step
from sgim.media.log_mel import LogMel, LogMelConfig
from sgim.world.randomize import training_sound
from sgim.world.samples import draw_sounds


@dataclass(frozen=True, kw_only=True)
class AlignBenchmark:
    """What `bench_align` measured.

    Of the mini training: clips of a step, seconds of sound in each, epochs, and clips of an epoch.
    """

    log_mel: Comparison
    log_mel_clips: int
    step: Comparison
    step_clips: int
    mini_step: Times
    mini_step_clips: int
    mini_seconds: float
    mini_epochs: int
    mini_clips: int
    device: str
    threads: int
    precision: str

    @classmethod
    def from_json(cls, kept: dict) -> "AlignBenchmark":
        """What `dataclasses.asdict` made JSON of; where it was made is passed over."""
        numbers = {name: value for name, value in kept.items() if name != "made"}
        comparisons = {name: Comparison.from_json(kept[name]) for name in ("log_mel", "step")}
        return cls(**numbers | comparisons | {"mini_step": Times.from_json(kept["mini_step"])})

    @property
    def mini_clips_per_second(self) -> float:
        """Speed of the mini training."""
        return self.mini_step_clips / self.mini_step.median

    @property
    def mini_minutes(self) -> float:
        """What all epochs of the mini training of the audio encoder come to."""
        return self.mini_epochs * self.mini_clips / self.mini_clips_per_second / 60


def bench_align(
    *,
    repeats: int = 7,
    num_clips: int = 32,
    batch_size: int = 16,
    clip: CLIP | None = None,
    mini: MiniTrainingConfig | None = None,
    device: str | torch.device | None = None,
    progress: bool = True,
) -> AlignBenchmark:
    """Time the front end, a training step with kept features, and the mini training.

    Parameters
    ----------
    repeats : int
        Of each way.
    num_clips : int
        Clips of 5 s whose log-mels are computed.
    batch_size : int
        Clips of the training step.
    clip : CLIP
        Frozen towers of that step; ViT-B/32 with random weights when left out.
    mini : MiniTrainingConfig
        The mini training to tell the cost of; the shipped weights' own when left out.
    device : str or torch.device
        The best one that is there when left out.

    Raises
    ------
    SgimError
        For a number below 1, a device that is not there, or when librosa is not installed.
    """
    for name, value in (("repeats", repeats), ("num_clips", num_clips)):
        require(value > 0, f"{name} is {value}; it must be 1 or more: raise it.")
    device = pick_device(device)
    clip = clip or CLIP(**open_clip.get_model_config("ViT-B-32"))
    mini = mini or MiniTrainingConfig()
    works = {
        "log_mel": lambda: compare_log_mels(num_clips, repeats, device),
        "step": lambda: compare_steps(clip.eval().to(device), batch_size, repeats, device),
        "mini_step": lambda: time_mini_step(mini, repeats, device),
    }
    with threads_for(math.inf), tqdm(works.items(), "timing", disable=not progress) as bar:
        return AlignBenchmark(
            **{name: work() for name, work in bar},
            log_mel_clips=num_clips,
            step_clips=batch_size,
            mini_step_clips=mini.align.batch_size,
            mini_seconds=mini.align.view_seconds or mini.encoder.seconds,
            mini_epochs=mini.align.num_epochs,
            mini_clips=mini.sounds.num_clips,
            device=device.type,
            threads=torch.get_num_threads(),
            precision=start_processes().mixed_precision,
        )


def compare_log_mels(num_clips: int, repeats: int, device: torch.device) -> Comparison:
    """`LogMel` of a batch of 5 s clips beside librosa, clip by clip."""
    config = LogMelConfig()
    labels = draw_sounds(num_clips, seed=0)
    waveforms = torch.stack(
        [
            training_sound(name, intensity, 5.0, seed)
            for name, intensity, seed in zip(
                labels.names, labels.intensities, labels.seeds, strict=True
            )
        ]
    )
    log_mel = LogMel(config).to(device)

    def clip_by_clip() -> torch.Tensor:
        rows = [librosa_log_mel(waveform, config) for waveform in waveforms.numpy()]
        return torch.from_numpy(np.stack(rows))[:, None]

    return compare(clip_by_clip, lambda: log_mel(waveforms.to(device)).cpu(), repeats)


def librosa_log_mel(waveform: np.ndarray, config: LogMelConfig) -> np.ndarray:
    """`LogMel` of one clip (num_samples,) in librosa's words: (n_mels, n_frames)."""
    try:
        import librosa
    except ImportError as error:
        raise SgimError(
            "librosa is not installed; the benchmark compares with it: run "
            "`pip install 'sgim[bench]'`."
        ) from error
    power = librosa.feature.melspectrogram(
        y=waveform,
        sr=config.sample_rate,
        n_fft=config.n_fft,
        hop_length=config.hop_length,
        n_mels=config.n_mels,
        fmin=config.f_min,
        fmax=config.f_max,
        htk=True,
        norm=None,
        pad_mode="reflect",
    )
    level = librosa.power_to_db(power, amin=1e-10, top_db=config.top_db)
    return (level - level.mean()) / config.scale_db
