"""Seconds of a piece of work, done several times."""

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Times:
    """Seconds of each repeat, the warm-up left out."""

    seconds: tuple[float, ...]

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
