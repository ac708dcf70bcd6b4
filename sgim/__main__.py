"""`python -m sgim` and the command `sgim`: see `sgim.commands.cli`."""

import os
import sys

from sgim.commands import cli


def main() -> int:
    """Run the command that was typed; return the exit code.

    In a log, which keeps every state of a bar, bars move every ten seconds.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        os.environ.setdefault("TQDM_MININTERVAL", "10")
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
