"""Seconds of a piece of work done several times, and of two ways of the same work in turn.

works without arguments -> seconds of each repeat, last results -> medians, ratio, difference
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

PAUSE_SECONDS = 0.1


@dataclass(frozen=True)
class Times:
    """Seconds of each repeat, the warm-up left out."""

    seconds: tuple[float, ...]

    @classmethod
    def from_json(cls, kept: dict) -> "Times":
        """What `dataclasses.asdict` made JSON of."""
        return cls(tuple(kept["seconds"]))

    @property
    def median(self) -> float:
        """The middle one, in seconds."""
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        unit, factor = ("s", 1.0) if self.median >= 1 else ("ms", 1e3)
        low, middle, high = (
            f"{factor * value:.3g}" for value in (min(self.seconds), self.median, max(self.seconds))
        )
        return f"{middle} {unit} ({low}–{high})"


@dataclass(frozen=True)
class Comparison:
    """Two ways of the same work, and by how much their results differ at most."""

    slow: Times
    fast: Times
    difference: float

    @classmethod
    def from_json(cls, kept: dict) -> "Comparison":
        """What `dataclasses.asdict` made JSON of."""
        slow, fast = (Times.from_json(kept[way]) for way in ("slow", "fast"))
        return cls(slow, fast, kept["difference"])

    @property
    def ratio(self) -> float:
        """How many times the fast way is as fast, by the medians."""
        return self.slow.median / self.fast.median


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
