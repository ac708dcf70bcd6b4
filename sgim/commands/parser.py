"""A parser of arguments that complains in one sentence and names the nearest known word.

words typed -> arguments, or one sentence on stderr and exit code 2.
"""

import argparse

from sgim.checks import nearest

BAD_INPUT = 2


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


def seed(text: str) -> int:
    """A whole number that `sgim.seeds` can take."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not 0 <= number < 2**63:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 to 2**63 - 1")
    return number
