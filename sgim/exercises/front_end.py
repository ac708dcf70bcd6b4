"""Checks of assignment A1, the log-mel front end.

waveform -> power spectrogram -> mel filters -> level in dB -> log-mel, each step by itself
"""

from collections.abc import Callable

import torch
import torchaudio

from sgim.exercises.answers import (
    Answer,
    check_input_unchanged,
    check_property,
    check_values,
    close,
)
from sgim.exercises.reports import Findings, reported
from sgim.media.log_mel import LogMel

SAMPLE_RATE = 16000


@reported("power spectrogram")
def check_power(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`power_spectrogram(waveform, n_fft, hop_length)` -> (n_fft // 2 + 1, n_frames)."""
    answer = Answer(function, "power_spectrogram")
    random = torch.Generator().manual_seed(seed)
    sizes = ((700, 64, 20), (431, 96, 31), (1000, 128, 64))
    cases = [(torch.randn(length, generator=random), n_fft, hop) for length, n_fft, hop in sizes]
    window = torch.hann_window
    check_values(
        findings,
        answer,
        cases,
        lambda *case: _stft(*case).abs().square(),
        {
            "No window: every frame is cut out with sharp edges, which the transform takes for "
            "clicks. Multiply each frame by a Hann window before the transform.": (
                lambda *case: _stft(*case, window=torch.ones).abs().square()
            ),
            "Magnitude for power: the numbers are |X|. Power is what energy is counted in; how "
            "does it follow from the magnitude?": lambda *case: _stft(*case).abs(),
            "The frames start at the first sample and none is centered on it, so there are too "
            "few. The text says how the waveform is lengthened at both ends first.": (
                lambda *case: _stft(*case, center=False).abs().square()
            ),
            "The ends are filled with zeros. The text asks for the mirrored waveform, so that the "
            "first frame does not hear a sudden beginning.": (
                lambda *case: _stft(*case, pad_mode="constant").abs().square()
            ),
            "The window ends in 0 on both sides (periodic=False). For a transform it is one sample "
            "longer, and the last is left out: the default of torch.hann_window.": (
                lambda *case: (
                    _stft(*case, window=lambda n: window(n, periodic=False)).abs().square()
                )
            ),
            "The power is divided by n_fft. The text leaves the transform as torch.fft.rfft gives "
            "it.": lambda *case: _stft(*case).abs().square() / case[1],
            "The axes are mixed up: rows are frames and columns are frequencies. Which of the two "
            "shall run down?": lambda *case: _stft(*case).abs().square().T,
        },
        axes="(n_fft // 2 + 1, n_frames)",
        otherwise="Expected is the squared magnitude of the transform of windowed frames. Feed a "
        "sine of 1 kHz and plot one column: is there one peak, and in the right row?",
    )
    check_input_unchanged(findings, answer)


def _stft(
    waveform: torch.Tensor,
    n_fft: int,
    hop_length: int,
    *,
    window: Callable = torch.hann_window,
    center: bool = True,
    pad_mode: str = "reflect",
) -> torch.Tensor:
    return torch.stft(
        waveform,
        n_fft,
        hop_length,
        window=window(n_fft),
        center=center,
        pad_mode=pad_mode,
        return_complex=True,
    )


@reported("mel filters")
def check_mel_filters(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`mel_filters(n_freqs, n_mels, f_min, f_max, sample_rate)` -> (n_freqs, n_mels)."""
    answer = Answer(function, "mel_filters")
    random = torch.Generator().manual_seed(seed)
    lows = torch.randint(20, 200, (3,), generator=random).tolist()
    cases = [
        (257, 40, float(lows[0]), 8000.0, 16000),
        (201, 20, float(lows[1]), 3500.0, 8000),
        (129, 12, float(lows[2]), 9000.0, 22050),
    ]
    check_values(
        findings,
        answer,
        cases,
        _mel_filters,
        {
            "The axes are mixed up: rows are filters. The text multiplies power by these filters "
            "from the right; which axis has to run down?": lambda *case: _mel_filters(*case).T,
            "Normalization that is not asked for: every filter has the same area, so that high "
            "ones are low. In the text every filter peaks at 1.": (
                lambda *case: _mel_filters(*case, norm="slaney")
            ),
            "The centers are equally far apart in hertz. Equally far apart in mel is what the ear "
            "hears; where does the formula for mel come in, and where its inverse?": (
                lambda *case: _triangles(torch.linspace(*case[2:4], case[1] + 2), *case)
            ),
            "Another mel scale (Slaney's, straight below 1 kHz). The text gives HTK's formula.": (
                lambda *case: _mel_filters(*case, scale="slaney")
            ),
            "The frequencies of the rows run up to the sample rate. How high is the highest "
            "frequency that so many samples in a second can hold?": (
                lambda *case: _triangles(_mel_edges(*case[1:4]), *case[:4], 2 * case[4])
            ),
            "The lowest filter begins at 0 Hz, not at f_min.": (
                lambda *case: _mel_filters(*case[:2], 0.0, *case[3:])
            ),
        },
        axes="(n_freqs, n_mels)",
        otherwise="Expected are triangles: column k is 0 up to edge k, 1 at edge k + 1, and 0 from "
        "edge k + 2 on. Plot three columns over the frequencies: do neighbors overlap by half?",
    )
    check_input_unchanged(findings, answer)


def _mel_filters(
    n_freqs: int,
    n_mels: int,
    f_min: float,
    f_max: float,
    sample_rate: int,
    *,
    norm: str | None = None,
    scale: str = "htk",
) -> torch.Tensor:
    return torchaudio.functional.melscale_fbanks(
        n_freqs, f_min, f_max, n_mels, sample_rate, norm=norm, mel_scale=scale
    )


def _mel_edges(n_mels: int, f_min: float, f_max: float) -> torch.Tensor:
    """Edges of the filters in Hz, (n_mels + 2,)."""
    low, high = (2595 * torch.log10(1 + torch.tensor(f) / 700) for f in (f_min, f_max))
    mels = low + (high - low) * torch.linspace(0, 1, n_mels + 2)
    return 700 * (10 ** (mels / 2595) - 1)


def _triangles(
    edges: torch.Tensor, n_freqs: int, n_mels: int, f_min: float, f_max: float, sample_rate: int
) -> torch.Tensor:
    frequencies = torch.linspace(0, sample_rate / 2, n_freqs)[:, None]
    rising = (frequencies - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - frequencies) / (edges[2:] - edges[1:-1])
    return torch.minimum(rising, falling).clamp_min(0)


@reported("level")
def check_level(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`level(power, top_db, scale_db)`: (batch, n_mels, n_frames) -> the same shape."""
    answer = Answer(function, "level")
    random = torch.Generator().manual_seed(seed)
    cases = []
    for shape, top_db, scale_db in (((2, 5, 7), 40.0, 15.0), ((3, 8, 4), 60.0, 20.0)):
        loudness = 10 ** (-1.5 * torch.arange(shape[0])).view(-1, 1, 1)
        spread = 10 ** (8 * torch.rand(shape, generator=random) - 6)
        cases.append((loudness * spread, top_db, scale_db))
    check_values(
        findings,
        answer,
        cases,
        _level,
        {
            "The natural logarithm: a decibel is defined by the logarithm of base 10.": (
                lambda *case: _level(*case, log=torch.log)
            ),
            "The factor 20 belongs to amplitudes. What is given is power.": (
                lambda *case: _level(*case, factor=20.0)
            ),
            "The loudest number of the whole batch decides where all clips are cut off. A clip "
            "shall not change when another one stands beside it.": (
                lambda *case: _level(*case, peak=(0, 1, 2))
            ),
            "The mean of the whole batch is taken away. A clip shall not change when another one "
            "stands beside it.": lambda *case: _level(*case, mean=(0, 1, 2)),
            "Maximum and mean are those of the whole batch. A clip shall not change when another "
            "one stands beside it: over which axes do you take them?": (
                lambda *case: _level(*case, peak=(0, 1, 2), mean=(0, 1, 2))
            ),
            "The mean of each row is taken away, which removes the color of the sound. Take one "
            "mean per clip.": lambda *case: _level(*case, mean=(2,)),
            "The floor is missing: nothing keeps very quiet places from deciding the mean. What is "
            "top_db for?": lambda *case: _level(case[0], 1e9, case[2]),
            "Normalization forgotten: the mean of the clip is still in it, so that a louder clip "
            "looks different.": lambda *case: _level(*case, mean=None),
            "The division by scale_db is missing.": lambda *case: _level(*case[:2], 1.0),
        },
        axes="(batch, n_mels, n_frames)",
        otherwise="Expected is a mean of 0 for every clip, and a range of at most top_db / "
        "scale_db. Which of the two fails?",
    )
    check_input_unchanged(findings, answer)


def _level(
    power: torch.Tensor,
    top_db: float,
    scale_db: float,
    *,
    factor: float = 10.0,
    log: Callable = torch.log10,
    peak: tuple[int, ...] = (1, 2),
    mean: tuple[int, ...] | None = (1, 2),
) -> torch.Tensor:
    level = factor * log(power.clamp_min(1e-10))
    level = torch.maximum(level, level.amax(peak, keepdim=True) - top_db)
    return (level - (level.mean(mean, keepdim=True) if mean else 0)) / scale_db


@reported("log-mel")
def check_log_mel(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`log_mel(waveform)`: (batch, num_samples) at 16 kHz -> (batch, 1, 64, n_frames)."""
    answer = Answer(function, "log_mel")
    random = torch.Generator().manual_seed(seed)
    cases = []
    for batch, length in ((2, 5000), (3, 3333)):
        pitch = 200 + 3000 * torch.rand(batch, 1, generator=random)
        tone = torch.sin(2 * torch.pi * pitch * torch.arange(length) / SAMPLE_RATE)
        loudness = torch.linspace(0.05, 0.5, batch)[:, None]
        cases.append((loudness * (tone + 0.1 * torch.randn(batch, length, generator=random)),))
    front_end = LogMel()
    check_values(
        findings,
        answer,
        cases,
        front_end,
        {
            "The axis of the channel is missing: an encoder takes a log-mel as a picture with one "
            "color, (batch, 1, n_mels, n_frames).": lambda clips: front_end(clips)[:, 0],
            "The axes are mixed up: time runs down and frequency to the right.": (
                lambda clips: front_end(clips).mT
            ),
            "The axes were forced into place by reshape or view, which deals the numbers out anew. "
            "Use transpose or .mT to exchange two axes.": (
                lambda clips: front_end(clips).mT.reshape(front_end(clips).shape)
            ),
        },
        axes="(batch, 1, 64, n_frames)",
        otherwise="Compare your parts one by one: their own checks above are right? Then look at "
        "n_fft 512, hop_length 160, n_mels 64, f_min 40, f_max 8000, top_db 70, scale_db 15.",
    )
    clips = cases[0][0]
    check_property(
        findings,
        "a clip does not change with its neighbors",
        lambda: close(answer.numbers(clips[:1]), answer.numbers(clips)[:1]),
        "The same clip gives other numbers alone than in a batch. Over which axes do you take the "
        "maximum and the mean?",
    )
    check_property(
        findings,
        "loudness does not matter",
        lambda: close(answer.numbers(clips / 4), answer.numbers(clips)),
        "The same clip at a quarter of its amplitude gives other numbers. A factor becomes a sum "
        "under the logarithm: which step removes it?",
    )
    check_input_unchanged(findings, answer)
