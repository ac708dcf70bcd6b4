"""What the commands say: answers on stdout, bars, warnings and complaints on stderr.

sentences, steps, warnings -> lines that a person or a program can read.
"""

import contextlib
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from sgim.commands.parser import BAD_INPUT


def open_streams() -> None:
    """Let any file name be printed, and print to nowhere where there is no stdout or stderr."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", errors="backslashreplace"))
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def complain(error: Exception | str) -> int:
    """Say in one line what is wrong; return the exit code for that."""
    with _without_bars(sys.stderr):
        print(f"sgim: {' '.join(str(error).split())}", file=sys.stderr)
    return BAD_INPUT


def announce(what: str, *, on_terminal_only: bool = False) -> None:
    """Say on stderr what begins, before the seconds in which libraries and models are loaded.

    `on_terminal_only` is for short commands, whose stderr is else kept for complaints.
    """
    if sys.stderr.isatty() or not on_terminal_only:
        print(f"sgim: {what} ...", file=sys.stderr, flush=True)


def say(line: str) -> None:
    """Print a line of the answer above a bar that may be on the screen."""
    with _without_bars(sys.stdout):
        print(line, flush=True)


def _without_bars(stream: TextIO) -> contextlib.AbstractContextManager:
    """Take the bars off the screen for a while, if there can be any."""
    module = sys.modules.get("tqdm")
    return module.tqdm.external_write_mode(file=stream) if module else contextlib.nullcontext()


def with_bar(items: list[str], what: str) -> Iterator[str]:
    """The same items, with a bar that moves while they are used."""
    from tqdm import tqdm

    return tqdm(items, what, unit="file", delay=2, disable=None, leave=False)


@contextlib.contextmanager
def step_bar(what: str, total: int | None = None) -> Iterator[Callable[[object], bool]]:
    """Yield a callback for `project` or `manipulate` that moves a bar of so many steps.

    Without a `total` it is the number of steps of the one that calls back.
    """
    from tqdm import tqdm

    def move(step) -> bool:
        bar.total = total or step.num_steps
        bar.update()
        return False

    with tqdm(desc=what, total=total, unit="step", delay=2, disable=None) as bar:
        yield move


@contextlib.contextmanager
def warnings_in_one_line() -> Iterator[None]:
    """Show our own warnings as one line each on stderr, once, and nobody else's."""
    package, shown = str(Path(__file__).parents[1]), set()

    def show(message, category, filename, lineno, file=None, line=None):
        if filename.startswith(package) and str(message) not in shown:
            shown.add(str(message))
            with _without_bars(sys.stderr):
                print(f"sgim: warning: {message}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = show
        yield
