"""The command line: `sgim COMMAND` or `python -m sgim COMMAND`; `--help` lists the commands.

arguments -> checks -> work -> answer on stdout; warnings and errors as one line each on stderr.
Exit code 0: all is well; 2: bad input, told in one sentence; 1: the doctor found something.
Heavy libraries are imported by the commands that use them, so that `sgim --help` is instant.
"""

import argparse
import os
import re
import sys

from sgim.checks import SgimError
from sgim.commands import (
    animate,
    bench,
    classify,
    convert,
    course,
    data,
    demo,
    edit,
    fetch,
    measure,
    project,
    study,
    train,
)
from sgim.commands.console import complain, open_streams, warnings_in_one_line
from sgim.commands.parser import Parser

FAMILIES = (
    *(demo, edit, animate, classify, project, convert),
    *(fetch, data, train, measure, bench, study, course),
)
"""Modules that add their commands to the parser, in the order of `sgim --help`."""

INTERRUPTED = 130
BROKEN_PIPE = 141

FULL = "out of memory|allocate memory"
"""What torch says in its errors when there is no memory left."""


def main(argv: list[str] | None = None) -> int:
    """Run one command; return the exit code. Without any, list them."""
    open_streams()
    words = sys.argv[1:] if argv is None else argv
    arguments = build_parser().parse_args(words or ["--help"])
    try:
        with warnings_in_one_line():
            code = arguments.run(arguments)
        sys.stdout.flush()
    except (SgimError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            return _after_broken_pipe()
        return complain(error)
    except ImportError as error:
        from sgim.commands.packages import tell_missing

        return complain(tell_missing(error))
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not re.search(FULL, str(error)):
            raise
        return complain(
            "the memory is full; work on fewer or smaller things, or on --device cpu where it is "
            "the graphics card's."
        )
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def build_parser() -> Parser:
    """The arguments of all commands."""
    parser = Parser(prog="sgim", description="A sound moves a picture.")
    commands = parser.add_subparsers(metavar="command", required=True)
    for family in FAMILIES:
        family.add_commands(commands)
    doctor = commands.add_parser("doctor", help="check this installation; say what to do")
    doctor.set_defaults(run=_doctor)
    return parser


def _doctor(arguments: argparse.Namespace) -> int:
    from sgim.commands.doctor import run_doctor

    return run_doctor()


def _after_broken_pipe() -> int:
    """The reader has gone; keep Python from flushing into the closed pipe at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE
