"""Checks of lesson 01: from mel back to hertz, the number of frames, and a sound played to and fro.

mels -> hertz; lengths -> number of frames; short waveform -> waveform that fills its window
"""

import torch

from sgim.exercises.answers import Answer, check_input_unchanged, check_values
from sgim.exercises.reports import Findings, reported
from sgim.media.log_mel import windows


@reported("back to hertz")
def check_to_hertz(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_to_hertz(mels)`: tensor of any shape -> frequencies in Hz, the same shape."""
    answer = Answer(function, "my_to_hertz")
    random = torch.Generator().manual_seed(seed)
    shapes = ((5,), (2, 3), (4, 1, 2))
    cases = [(2800 * torch.rand(shape, generator=random) + 50,) for shape in shapes]
    check_values(
        findings,
        answer,
        cases,
        lambda mels: 700 * (10 ** (mels / 2595) - 1),
        {
            "That is the formula of section 3 itself, from hertz to mel. Turn it round.": (
                lambda mels: 2595 * torch.log10(1 + mels / 700)
            ),
            "The wrong base: the formula has a logarithm of base 10. Which power undoes it?": (
                lambda mels: 700 * ((mels / 2595).exp() - 1)
            ),
            'The "1 +" of the formula is not undone, or too late. It was added after the division '
            "by 700, so it has to go before the 700 comes back.": (
                lambda mels: 700 * 10 ** (mels / 2595)
            ),
            "The division by 700 is not undone yet.": lambda mels: 10 ** (mels / 2595) - 1,
        },
        axes="the shape of the mels",
        otherwise="Write the formula for 1000 Hz step by step, with a number after each step, and "
        "go back from the last number to the first.",
    )
    check_input_unchanged(findings, answer)


@reported("number of frames")
def check_num_frames(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_num_frames(num_samples, n_fft, hop_length)` -> number of frames of an extended sound."""
    answer = Answer(function, "my_num_frames")
    random = torch.Generator().manual_seed(seed)
    cases = [(16_000, 512, 160), (1_599, 512, 160), (5_000, 256, 300), (400, 512, 160)]
    for n_fft, hop_length in ((64, 21), (128, 50), (1024, 341)):
        num_samples = int(torch.randint(900, 30_000, (), generator=random))
        cases.append((num_samples, n_fft, hop_length))

    def frames(extended: int, n_fft: int, hop_length: int) -> torch.Tensor:
        return torch.tensor(float(1 + (extended - n_fft) // hop_length))

    check_values(
        findings,
        answer,
        cases,
        lambda length, n_fft, hop: frames(length + n_fft, n_fft, hop),
        {
            "The extension is forgotten: half a frame is added at each end before anything is cut "
            "out.": frames,
            "The waveform is extended at both ends, by half a frame each.": (
                lambda length, n_fft, hop: frames(length + n_fft // 2, n_fft, hop)
            ),
            "The first frame is not counted: before the first hop there is one already.": (
                lambda length, n_fft, hop: frames(length + n_fft, n_fft, hop) - 1
            ),
            "A part of a frame is counted as well: frames are cut out as long as a *whole* one "
            "fits. Which division drops the rest?": (
                lambda length, n_fft, hop: torch.tensor(1 + length / hop)
            ),
            "Rounded up: the last hop has to fit as a whole.": lambda length, n_fft, hop: (
                torch.tensor(1.0 - (-length // hop))
            ),
            "The frames overlap: each begins hop_length after the last, not n_fft.": (
                lambda length, n_fft, hop: frames(length + n_fft, n_fft, n_fft)
            ),
        },
        axes="a single number, ()",
        otherwise="Draw 6 samples with n_fft = 4 and hop_length = 2: extend them by 2 at each end, "
        "and mark where each frame begins.",
    )


@reported("back and forth")
def check_back_and_forth(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_back_and_forth(waveform, num_samples)`: (length,) -> (num_samples,)."""
    answer = Answer(function, "my_back_and_forth")
    random = torch.Generator().manual_seed(seed)
    cases = [(torch.randn(length, generator=random), size) for length, size in _LENGTHS]

    def filled(period: torch.Tensor, num_samples: int) -> torch.Tensor:
        return windows(period, num_samples)[0]

    check_values(
        findings,
        answer,
        cases,
        lambda wave, size: filled(torch.cat([wave, wave.flip(0)]), size),
        {
            "The sound is repeated and never turned round. Section 7 has done that already.": (
                filled
            ),
            "The sample at the turn comes once. After 0, 1, 2 the text goes on with 2, 1, 0.": (
                lambda wave, size: filled(torch.cat([wave, wave.flip(0)[1:-1]]), size)
            ),
            "It begins backward; the first pass is forward.": lambda wave, size: filled(
                torch.cat([wave.flip(0), wave]), size
            ),
            "Once forward, once backward, then silence: go on until the window is full.": (
                lambda wave, size: _padded(torch.cat([wave, wave.flip(0)]), size)
            ),
            "The sound has changed its sign and not its direction.": lambda wave, size: filled(
                torch.cat([wave, -wave]), size
            ),
            "The result is longer than the window: cut it off at num_samples.": (
                lambda wave, size: filled(
                    torch.cat([wave, wave.flip(0)]), -(-size // (2 * len(wave))) * 2 * len(wave)
                )
            ),
        },
        axes="(num_samples,)",
        otherwise="Take the samples 0, 1, 2 and a window of 8. Which number stands at each place?",
    )
    check_input_unchanged(findings, answer)


_LENGTHS = ((3, 8), (5, 23), (7, 12), (4, 41))
"""Lengths of a sound and of its window, some of them more than one way to and fro."""


def _padded(waveform: torch.Tensor, num_samples: int) -> torch.Tensor:
    return torch.nn.functional.pad(waveform, (0, max(0, num_samples - len(waveform))))[:num_samples]
