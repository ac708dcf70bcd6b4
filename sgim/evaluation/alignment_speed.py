"""How fast the alignment is beside slow ways of doing the same: `python -m sgim bench align`.

two ways of the same work, timed in turn -> medians, ratios, largest difference -> one table

All data are made up here: neither what a sound says nor what a weight is changes how long it takes.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import open_clip
import torch
import torch.nn.functional as F
from open_clip.model import CLIP
from tqdm import tqdm

from sgim.bundle import pick_device
from sgim.checks import SgimError, require
from sgim.embedding.alignment import AlignConfig, AlignmentObjective, ScaledEncoder
from sgim.embedding.feature_cache import cached_features
from sgim.embedding.mini_recipe import MiniTrainingConfig
from sgim.embedding.pairs import CAPTIONS_PER_CLIP, AlignmentData
from sgim.embedding.training_loop import start_processes
from sgim.evaluation.times import Times
from sgim.media.log_mel import LogMel, LogMelConfig
from sgim.models.audio_encoder import AudioEncoder, AudioEncoderConfig
from sgim.world.names import SOUND_NAMES
from sgim.world.randomize import training_sound
from sgim.world.samples import draw_sounds

NUM_PICTURES = 4 * len(SOUND_NAMES)
PAUSE_SECONDS = 0.1


@dataclass(frozen=True)
class Comparison:
    """Two ways of the same work, and by how much their results differ at most."""

    slow: Times
    fast: Times
    difference: float

    @property
    def ratio(self) -> float:
        """How many times the fast way is as fast, by the medians."""
        return self.slow.median / self.fast.median


@dataclass(frozen=True, kw_only=True)
class AlignBenchmark:
    """What `bench_align` measured; `clips` are those of one batch in each row of the table."""

    log_mel: Comparison
    log_mel_clips: int
    step: Comparison
    step_clips: int
    mini_step: Times
    mini: MiniTrainingConfig
    device: str
    threads: int
    precision: str

    @property
    def mini_clips_per_second(self) -> float:
        """Speed of the mini training."""
        return self.mini.align.batch_size / self.mini_step.median

    @property
    def mini_minutes(self) -> float:
        """What all epochs of the mini training of the audio encoder come to."""
        clips = self.mini.align.num_epochs * self.mini.sounds.num_clips
        return clips / self.mini_clips_per_second / 60


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
    with tqdm(total=3, desc="timing", disable=not progress) as bar:

        def done(result):
            bar.update()
            return result

        return AlignBenchmark(
            log_mel=done(compare_log_mels(num_clips, repeats, device)),
            log_mel_clips=num_clips,
            step=done(compare_steps(clip.eval().to(device), batch_size, repeats, device)),
            step_clips=batch_size,
            mini_step=done(time_mini_step(mini, repeats, device)),
            mini=mini,
            device=device.type,
            threads=torch.get_num_threads(),
            precision=start_processes().mixed_precision,
        )


def time_in_turn(
    works: tuple[Callable[[], torch.Tensor], ...], repeats: int
) -> list[tuple[Times, torch.Tensor]]:
    """Do all works in turn, each twice, and time the second; return times and last results.

    A pause lets the threads of the other works' libraries, which wait busily for more, fall asleep;
    the first call warms up. A work ends with its result on the CPU, so nothing is left waiting on
    another device.
    """
    seconds = [[] for _ in works]
    results = [None] * len(works)
    for _ in range(repeats):
        for index, work in enumerate(works):
            time.sleep(PAUSE_SECONDS)
            work()
            started = time.perf_counter()
            results[index] = work()
            seconds[index].append(time.perf_counter() - started)
    return [(Times(tuple(one)), result) for one, result in zip(seconds, results, strict=True)]


def compare(
    slow: Callable[[], torch.Tensor], fast: Callable[[], torch.Tensor], repeats: int
) -> Comparison:
    """Time two ways of the same work."""
    (slow_times, expected), (fast_times, result) = time_in_turn((slow, fast), repeats)
    return Comparison(slow_times, fast_times, (result - expected).abs().max().item())


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


def compare_steps(clip: CLIP, batch_size: int, repeats: int, device: torch.device) -> Comparison:
    """A training step with kept features beside one that embeds text and pictures every time."""
    size = clip.visual.image_size
    height, width = (size, size) if isinstance(size, int) else size
    generator = torch.Generator().manual_seed(0)
    pictures = torch.randn(NUM_PICTURES, 3, height, width, generator=generator)
    captions = torch.randint(
        clip.vocab_size,
        (batch_size, CAPTIONS_PER_CLIP, clip.context_length),
        generator=generator,
    )

    def encode_text(tokens: torch.Tensor) -> torch.Tensor:
        return clip.encode_text(tokens.to(device), normalize=True)

    def encode_image(pixels: torch.Tensor) -> torch.Tensor:
        return clip.encode_image(pixels.to(device), normalize=True)

    with tempfile.TemporaryDirectory() as folder:
        kept_texts, kept_images = (
            cached_features(
                Path(folder), name, items, encode,
                model=clip, config={}, batch_size=batch_size, progress=False,
            )
            for name, items, encode in (
                ("captions", captions.flatten(0, 1), encode_text),
                ("pictures", pictures, encode_image),
            )
        )  # fmt: skip
        kept = kept_texts.view(batch_size, CAPTIONS_PER_CLIP, -1), kept_images
        fresh = (
            _EmbeddedAtEachLook(captions, encode_text),
            _EmbeddedAtEachLook(pictures, encode_image),
        )
        config = AlignConfig(batch_size=batch_size, view_seconds=3.0)
        encoder_config = AudioEncoderConfig(embed_dim=kept_images.shape[1])
        slow, fast = (
            _TrainingStep(_made_up_data(batch_size, *features), config, encoder_config, device)
            for features in (fresh, kept)
        )
        return compare(slow, fast, repeats)


def time_mini_step(mini: MiniTrainingConfig, repeats: int, device: torch.device) -> Times:
    """A training step of the mini world's audio encoder, its features kept."""
    config, encoder_config = mini.align, mini.encoder
    texts, images = (
        F.normalize(torch.randn(*shape, encoder_config.embed_dim), dim=-1)
        for shape in ((config.batch_size, CAPTIONS_PER_CLIP), (NUM_PICTURES,))
    )
    data = _made_up_data(config.batch_size, texts, images)
    ((times, _),) = time_in_turn((_TrainingStep(data, config, encoder_config, device),), repeats)
    return times


def _made_up_data(count: int, text_features, image_features) -> AlignmentData:
    """Noise of 5 s for each of `count` clips, and the features of captions and pictures."""
    generator = torch.Generator().manual_seed(0)
    front_end = LogMelConfig()
    num_frames = 5 * front_end.sample_rate // front_end.hop_length + 1
    return AlignmentData(
        log_mels=torch.randn(count, front_end.n_mels, num_frames, generator=generator).half(),
        classes=torch.arange(count) % len(SOUND_NAMES),
        intensities=torch.rand(count, generator=generator),
        text_features=text_features,
        image_features=image_features,
        image_classes=torch.arange(NUM_PICTURES) % len(SOUND_NAMES),
        image_intensities=torch.rand(NUM_PICTURES, generator=generator),
    )


class _EmbeddedAtEachLook:
    """Stands where kept features would, and embeds the rows that one asks for."""

    def __init__(self, items: torch.Tensor, encode: Callable[[torch.Tensor], torch.Tensor]) -> None:
        self.items, self.encode, self.shape = items, encode, items.shape

    @torch.no_grad()
    def __getitem__(self, index) -> torch.Tensor:
        return self.encode(self.items[index])


class _TrainingStep:
    """One step over all clips of some data; called again, it goes on from there."""

    def __init__(
        self,
        data: AlignmentData,
        config: AlignConfig,
        encoder_config: AudioEncoderConfig,
        device: torch.device,
    ) -> None:
        torch.manual_seed(config.seed)
        self.accelerator = start_processes()
        encoder = ScaledEncoder(AudioEncoder(encoder_config), config).train()
        encoder = encoder.to(device, memory_format=torch.channels_last)
        optimizer = torch.optim.AdamW(encoder.parameters(), config.learning_rate)
        self.encoder, self.optimizer = self.accelerator.prepare(
            encoder, optimizer, device_placement=[False, False]
        )
        self.objective = AlignmentObjective(data, config, encoder_config)
        self.batch = torch.arange(len(data.classes))

    def __call__(self) -> torch.Tensor:
        """Return the loss, (); the draws are the same at each call."""
        torch.manual_seed(0)
        generator = torch.Generator().manual_seed(0)
        loss = self.objective(self.encoder, self.batch, generator)["loss"]
        self.accelerator.backward(loss)
        self.accelerator.clip_grad_norm_(self.encoder.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        return loss.detach().cpu()


def to_markdown(result: AlignBenchmark) -> str:
    """The table, how it was measured, and what the mini training comes to."""
    align, log_mel, step = result.mini.align, result.log_mel, result.step
    seconds = align.view_seconds or result.mini.encoder.seconds
    return "\n".join(
        [
            "| work | slow way | our way | ratio | largest difference |",
            "|---|---|---|---|---|",
            f"| log-mels of {result.log_mel_clips} clips of 5 s | librosa, clip by clip: "
            f"{log_mel.slow} | one batch: {log_mel.fast} | {log_mel.ratio:.1f} | "
            f"{log_mel.difference:.1g} |",
            f"| training step, {result.step_clips} clips | text and pictures embedded at each "
            f"step: {step.slow} | features kept: {step.fast} | {step.ratio:.1f} | "
            f"{step.difference:.1g} |",
            f"| training step of the mini world, {align.batch_size} clips of {seconds:g} s | | "
            f"{result.mini_step} | | |",
            "",
            f"Median of {len(log_mel.slow.seconds)} (lowest–highest), the two ways in turn, each "
            f"after a call that warms up; device: {result.device}, threads: {result.threads}, "
            f"precision of the steps: {result.precision}. Differences: of the log-mel, "
            f"whose 1 is {LogMelConfig().scale_db:g} dB, and of the loss at the last step.",
            f"The mini training hears {result.mini_clips_per_second:.0f} clips per second: "
            f"{align.num_epochs} epochs of {result.mini.sounds.num_clips} clips take "
            f"{result.mini_minutes:.0f} min.",
        ]
    )
