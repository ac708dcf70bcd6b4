"""A parser of arguments that complains in one sentence and names the nearest known word.

words typed -> arguments, or one sentence on stderr and exit code 2.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from sgim.checks import nearest, require

BAD_INPUT = 2
MOST_LAYERS = 100


class Parser(argparse.ArgumentParser):
    """`argparse.ArgumentParser` whose errors are one sentence each, for commands and options."""

    def error(self, message: str) -> None:
        """Say what is wrong and where help is; exit with 2."""
        self.exit(BAD_INPUT, f"sgim: {message}; see `{self.prog} --help`.\n")

    def parse_known_args(self, args=None, namespace=None):
        """The same as argparse's, but nothing may be left over."""
        namespace, left_over = super().parse_known_args(args, namespace)
        if left_over:
            word = left_over[0].split("=")[0]
            known = self._option_string_actions if word.startswith("-") else ()
            self.error(f"{word} is not understood{nearest(word, known)}")
        return namespace, left_over

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if action.choices is not None and value not in action.choices:
            raise argparse.ArgumentError(
                action,
                f"{value!r} is none of {', '.join(map(str, action.choices))}"
                f"{nearest(str(value), action.choices)}",
            )


class Seeds(argparse.Action):
    """Takes whole numbers up to the first word that is none; the rest are sounds."""

    def __call__(self, parser, namespace, values: list[str], option_string=None) -> None:
        count = next((i for i, text in enumerate(values) if i and not text.isdecimal()), None)
        namespace.seeds = tuple(map(self._checked, values[:count]))
        if values[len(namespace.seeds) :]:
            namespace.sounds = [*getattr(namespace, "sounds", ()), *values[len(namespace.seeds) :]]

    def _checked(self, text: str) -> int:
        if not (text.isdecimal() and int(text) < 2**63):
            raise argparse.ArgumentError(self, f"{text!r} is no whole number from 0 to 2**63 - 1")
        return int(text)


def layers(text: str) -> tuple[int, ...]:
    """Rows of a latent: one number, a range with both ends in it, or some with commas between.

    >>> layers("4-6,9")
    (4, 5, 6, 9)
    """
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not (first.isdecimal() and (last.isdecimal() if dash else True)):
            raise argparse.ArgumentTypeError(f"{text!r} are no layers; write 4-8, or 0,2,5-7")
        ends = int(first), int(last or first)
        if not ends[0] <= ends[1] < MOST_LAYERS:
            raise argparse.ArgumentTypeError(
                f"{text!r} are no layers; they count from 0, first to last, below {MOST_LAYERS}"
            )
        found |= set(range(ends[0], ends[1] + 1))
    return tuple(sorted(found))


def checked_file(path: Path | None, suffix: str, *, make_folder: bool = False) -> None:
    """Check before long work, and before torch is imported, that a file can be written there.

    The folder has to be there, or is made with `make_folder`.
    """
    if path is None:
        return
    require(path.suffix.lower() == suffix, f"{path} must end in {suffix}; that is what is written.")
    require(not path.is_dir(), f"{path} is a folder; name a {suffix} file in it.")
    folder = path.parent
    if make_folder:
        folder.mkdir(parents=True, exist_ok=True)
    require(folder.is_dir(), f"{folder} does not exist; make the folder first or name another.")
    require(
        os.access(folder, os.W_OK), f"{folder} cannot be written to; name a file in another folder."
    )


def refuse_overwriting(inputs: Sequence[str | Path | None], outputs: Sequence[Path | None]) -> None:
    """Check before long work that no output is one of the inputs; None is no file."""
    read = [Path(path) for path in inputs if path is not None and os.path.exists(path)]
    for path in filter(None, outputs):
        is_read = path.exists() and any(path.samefile(one) for one in read)
        require(not is_read, f"{path} is what is read, and would be lost; name another file.")
