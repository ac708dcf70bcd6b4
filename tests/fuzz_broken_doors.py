"""Doors that do what none may: one for each fault that is counted."""

import os
import time

from fuzz_worker import MARK, MOST_EXTRA_BYTES

from sgim.checks import SgimError


def well(path):
    return [1, 2.0, "three", {"four": path.stat().st_size}]


def refused(path):
    raise SgimError(f"{path.name} is no good; take another.")


def missing(path):
    return (path / "nowhere").read_bytes()


def traceback(path):
    return {}[path]


def traceback_without_a_word(path):
    raise SgimError("")


def crash(path):
    os._exit(3)


def execution(path):
    with open(MARK, "w"):
        pass


def hang(path):
    time.sleep(60)


def memory(path):
    return len(b"1" * (MOST_EXTRA_BYTES + 2**24))


def not_finite(path):
    return {"loss": (1.0, [float("nan")])}


def many_lines(path):
    raise OSError("One thing.\nAnother one.")
