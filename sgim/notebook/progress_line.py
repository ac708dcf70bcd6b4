"""A line that says how far a long cell is, and is gone when the cell is done.

items, or the steps of an edit -> one line of tqdm below the cell.
"""

import html
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from IPython.display import HTML, display
from tqdm import tqdm

Item = TypeVar("Item")


def progress(items: Iterable[Item], what: str, count: int | None = None) -> Iterator[Item]:
    """Yield `items` while a line tells how many are done and how long the others will take.

    Nothing of it stays in the notebook, so a stored output is the same on every machine.

    Parameters
    ----------
    items : iterable
    what : str
        What is being done, for example "edits".
    count : int
        How many there are, where `items` cannot tell.
    """
    yield from _bar(what, items, count)


def show_steps(what: str) -> Callable:
    """A callback for `manipulate` and `project` that shows their steps as `progress` does."""
    bar = _bar(what)

    def show(step) -> None:
        bar.total = step.num_steps
        bar.update()
        if step.index + 1 == step.num_steps:
            bar.close()

    return show


def _bar(what: str, items: Iterable | None = None, count: int | None = None) -> tqdm:
    return tqdm(items, what, count, leave=False, ncols=70, position=0, file=_Line())


class _Line:
    """A file for tqdm: what is written replaces what stood there."""

    def __init__(self) -> None:
        self.handle = display(HTML(""), display_id=True)

    def write(self, text: str) -> None:
        text = text.strip()
        self.handle.update(HTML(f"<code>{html.escape(text)}</code>" if text else ""))

    def flush(self) -> None:
        """Every line is shown at once."""
