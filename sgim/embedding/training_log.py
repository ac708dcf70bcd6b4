"""What a training writes down beside its checkpoint, epoch by epoch.

history -> one line of CSV per epoch, and TensorBoard where it is installed
"""

import csv
import importlib.util
from pathlib import Path

from sgim.checks import SgimError, atomic_path
from sgim.files.tables import read_table


class TrainingLog:
    """One line of CSV per epoch beside the checkpoint, and TensorBoard where it is installed."""

    def __init__(self, checkpoint: Path) -> None:
        self.path = checkpoint.with_suffix(".csv")
        self.board = None
        if importlib.util.find_spec("tensorboard"):
            from torch.utils.tensorboard import SummaryWriter

            self.board = SummaryWriter(str(checkpoint.with_suffix(".tensorboard")))

    def write(self, history: list[dict[str, float]], examples_per_second: float) -> None:
        """Add the last epoch of a history, after the lines of those before it."""
        newest = history[-1] | {"examples_per_second": round(examples_per_second, 1)}
        rows = [*self._earlier(history[:-1]), {"epoch": len(history)} | newest]
        with atomic_path(self.path) as temporary, open(temporary, "w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[-1]), extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
        if self.board is not None:
            for name, value in newest.items():
                self.board.add_scalar(name, value, len(history))
            self.board.flush()

    def _earlier(self, history: list[dict[str, float]]) -> list[dict]:
        """The lines that are there; the same anew, without their speed, where they are spoilt."""
        if not self.path.exists():
            return []
        try:
            return [row.cells for row in read_table(self.path, ("epoch",))[: len(history)]]
        except SgimError:
            return [{"epoch": number} | epoch for number, epoch in enumerate(history, start=1)]
