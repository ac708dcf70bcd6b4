"""Checks of lesson 03: parameters of a block, blocks for a duration, and an echo.

channels -> number of parameters; milliseconds -> number of blocks; waveforms -> with an echo
"""

import torch
import torch.nn.functional as F

from sgim.exercises.answers import Answer, check_input_unchanged, check_values
from sgim.exercises.reports import Findings, reported

SAMPLE_RATE = 16_000
FRAME_MS, HOP_MS = 32, 10


@reported("parameters of a block")
def check_block_parameters(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_block_parameters(c_in, c_out)` -> number of parameters of a residual block."""
    answer = Answer(function, "my_block_parameters")
    random = torch.Generator().manual_seed(seed)
    sizes = torch.randint(2, 130, (4, 2), generator=random).tolist()
    cases = [(1, 1), (16, 32), *map(tuple, sizes)]

    def count(c_in, c_out, first=9, second=9, shortcut=1, norms=3, norm=2, bias=0):
        convolutions = first * c_in * c_out + second * c_out * c_out + shortcut * c_in * c_out
        return torch.tensor(float(convolutions + norms * norm * c_out + bias * c_out))

    check_values(
        findings,
        answer,
        cases,
        count,
        {
            "The shortcut is forgotten: one more convolution and its normalization.": (
                lambda *case: count(*case, shortcut=0, norms=2)
            ),
            "The convolution of the shortcut is forgotten; its window is 1 x 1.": (
                lambda *case: count(*case, shortcut=0)
            ),
            "The window of the shortcut is 1 x 1, not 3 x 3.": (
                lambda *case: count(*case, shortcut=9)
            ),
            "One normalization is missing: the shortcut has one, too.": (
                lambda *case: count(*case, norms=2)
            ),
            "The normalizations are forgotten: two numbers for each channel, three times.": (
                lambda *case: count(*case, norms=0)
            ),
            "A normalization has two numbers for each channel: a factor and a shift.": (
                lambda *case: count(*case, norm=1)
            ),
            "Biases are counted, and the convolutions have none: the normalization after them "
            "would take them away.": lambda *case: count(*case, bias=3),
            "The windows are forgotten: a convolution of 3 x 3 has nine numbers for each pair of "
            "channels.": lambda *case: count(*case, first=1, second=1),
            "The second convolution reads what the first one wrote. How many channels are that?": (
                lambda a, b: count(a, b, second=0) + 9 * a * b
            ),
        },
        axes="a single number, ()",
        otherwise="Count a block from 1 to 1 channel by hand: two windows, one number for the "
        "shortcut, three normalizations.",
    )


@reported("blocks for a duration")
def check_num_blocks(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_num_blocks(milliseconds)` -> the fewest blocks whose last number sees so much."""
    answer = Answer(function, "my_num_blocks")
    random = torch.Generator().manual_seed(seed)
    durations = [2000.0, 912.0, 913.0, 2100.0, 1845.0, 7600.0]
    durations += (300 * 30 ** torch.rand(3, generator=random)).tolist()
    cases = [(duration,) for duration in durations]

    def blocks(duration, seen=None, strictly=False):
        seen = seen or (lambda count: (frames_seen(count) - 1) * HOP_MS + FRAME_MS)
        count = 0
        while seen(count) < duration or (strictly and seen(count) == duration):
            count += 1
        return torch.tensor(float(count))

    check_values(
        findings,
        answer,
        cases,
        blocks,
        {
            "That is the same number for every duration, right for two seconds alone.": (
                lambda duration: torch.tensor(5.0)
            ),
            "One block too few: so many see less than was asked for.": (
                lambda duration: blocks(duration) - 1
            ),
            "One block more than needed.": lambda duration: blocks(duration) + 1,
            "A frame lasts 32 ms: the last one is heard longer than its 10 ms.": (
                lambda duration: blocks(duration, lambda count: frames_seen(count) * HOP_MS)
            ),
            "Frames overlap: the next begins 10 ms later, not 32.": (
                lambda duration: blocks(duration, lambda count: frames_seen(count) * FRAME_MS)
            ),
            "When the duration is seen exactly, it is seen.": (
                lambda duration: blocks(duration, strictly=True)
            ),
        },
        axes="a single number, ()",
        otherwise="Three blocks see 912 ms. Write the milliseconds of four, five and six beside "
        "it: between which two does the duration lie?",
    )


def frames_seen(num_blocks: int) -> int:
    """Receptive field of the encoder in frames, as section 5 of the lesson computes it."""
    seen, jump = 1, 1
    for width, stride in [(5, 2), *[(3, 2), (3, 1)] * num_blocks]:
        seen, jump = seen + (width - 1) * jump, jump * stride
    return seen


@reported("echo")
def check_echo(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_echo(waveforms, delay)`: (batch, num_samples) at 16 kHz, seconds -> the same shape."""
    answer = Answer(function, "my_echo")
    random = torch.Generator().manual_seed(seed)
    cases = []
    for batch, length, delay in ((2, 4000, 0.05), (3, 2500, 0.1), (1, 1700, 0.02)):
        cases.append((torch.randn(batch, length, generator=random), delay))

    def echo(x, delay, gain=0.5, dry=1.0, rate=SAMPLE_RATE, late=None):
        count = round(delay * rate)
        later = F.pad(x, (count, 0))[:, : x.shape[1]] if late is None else late(x, count)
        return dry * x + gain * later

    check_values(
        findings,
        answer,
        cases,
        echo,
        {
            "The end comes back at the beginning, as `roll` does it. Before the first sample there "
            "is silence.": lambda *case: echo(*case, late=lambda x, count: x.roll(count, 1)),
            "The echo comes before the sound.": lambda *case: echo(
                *case, late=lambda x, count: F.pad(x, (0, count))[:, count:]
            ),
            "The result is longer than the clips: cut the end off.": lambda x, delay: (
                F.pad(x, (0, round(delay * SAMPLE_RATE)))
                + 0.5 * F.pad(x, (round(delay * SAMPLE_RATE), 0))
            ),
            "The sound itself is missing; only its echo is left.": (
                lambda *case: echo(*case, dry=0.0)
            ),
            "The echo is as loud as the sound; half the amplitude was asked for.": (
                lambda *case: echo(*case, gain=1.0)
            ),
            "Half the power and half the amplitude are two different things.": (
                lambda *case: echo(*case, gain=0.5**0.5)
            ),
            "Sound and echo are averaged: the sound itself has become softer.": (
                lambda *case: echo(*case, dry=0.5)
            ),
            "The delay is taken for a number of samples, or not used. How many samples has a "
            "second?": lambda x, delay: echo(x, delay, rate=1),
            "The clips are delayed by one another: the echo of a clip is the clip above it. Time "
            "is the last axis.": lambda *case: echo(*case, late=lambda x, count: x.roll(1, 0)),
        },
        axes="(batch, num_samples)",
        otherwise="Give it a click, a single 1 among zeros. At which two places is the result not "
        "0, and how large is it there?",
    )
    check_input_unchanged(findings, answer)
