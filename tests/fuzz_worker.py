"""A process that reads one strange file after another, and the one that watches it.

door, path -> `Worker.read` -> `Outcome`: accepted, refused, or at fault, with time and memory

A door is a function of a path that returns what it read, in tensors, arrays, numbers and containers
of these. It may raise `SgimError` or `OSError`, with one sentence. The process is started again
when it dies, and is killed when a file takes too long.
"""

import ctypes
import gc
import math
import multiprocessing
import numbers
import os
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

Door = Callable[[Path], object]

MARK = "executed"
"""A file that planted programs make where they run."""

FAULTS = (
    "traceback", "crash", "execution", "hang", "memory", "not finite", "many lines"
)  # fmt: skip
MOST_SECONDS = 10.0
MOST_EXTRA_BYTES = 500 * 2**20
MOST_TIMES_THE_FILE = 3
STATUS, PEAK_SWITCH = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    `faults` are some of `FAULTS`, none where all is well; `told` is the sentence of a refusal, or
    the end of a traceback; `peak_bytes` is memory above that of the idle worker, None where the
    system does not tell.
    """

    accepted: bool
    faults: tuple[str, ...] = ()
    told: str = ""
    seconds: float = 0.0
    peak_bytes: int | None = None


def can_measure_memory() -> bool:
    """Whether this system tells the peak memory of a process, and lets one set it back."""
    return STATUS.exists() and os.access(PEAK_SWITCH, os.W_OK)


class Worker:
    """Reads files in a process of its own, which starts in `folder`.

    Parameters
    ----------
    folder : Path
        Where planted programs leave `MARK`, if they run.
    most_seconds : float
        More is a hang.
    """

    def __init__(self, folder: Path, most_seconds: float = MOST_SECONDS) -> None:
        self.folder, self.most_seconds = folder, most_seconds
        self.process = None
        self.start()

    def start(self) -> None:
        """A fresh process; it says nothing until it is asked."""
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, self.folder), daemon=True)
        self.process.start()
        theirs.close()
        self.is_fresh = True

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.join()
        self.connection.close()

    def read(self, door: Door, path: Path) -> Outcome:
        """Read one file; a file that takes too long is tried again, for a machine may be busy."""
        outcome = self._read(door, path)
        if "hang" in outcome.faults:
            outcome = self._read(door, path)
        mark = self.folder / MARK
        if mark.exists():
            mark.unlink()
            faults = tuple(dict.fromkeys((*outcome.faults, "execution")))
            return Outcome(False, faults, outcome.told, outcome.seconds, outcome.peak_bytes)
        return outcome

    def _read(self, door: Door, path: Path) -> Outcome:
        if self.is_fresh:  # the door's imports take their time
            self.connection.send((door, None))
            self.connection.recv()
            self.is_fresh = False
        self.connection.send((door, path))
        try:
            if self.connection.poll(self.most_seconds):
                return self.connection.recv()
            fault, told = "hang", f"no answer after {self.most_seconds:g} s"
        except (EOFError, ConnectionResetError):
            self.process.join()
            fault, told = "crash", f"the process died: {_how(self.process.exitcode)}"
        self.stop()
        self.start()
        return Outcome(False, (fault,), told, self.most_seconds if fault == "hang" else 0.0)


def _how(exit_code: int) -> str:
    return signal.Signals(-exit_code).name if exit_code < 0 else f"exit code {exit_code}"


def _serve(connection, folder: Path) -> None:
    """In the worker: answer until the other end is closed."""
    os.chdir(folder)
    _silence()
    warnings.simplefilter("ignore")
    while True:
        try:
            door, path = connection.recv()
        except EOFError:
            return
        connection.send(None if path is None else outcome_of(door, path))


def _silence() -> None:
    """What decoders print goes nowhere."""
    sys.stdout.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)


def outcome_of(door: Door, path: Path) -> Outcome:
    """Read a file in this process, and judge what came of it."""
    idle, started = _settle(), time.perf_counter()
    accepted, faults, told = False, [], ""
    try:
        content = door(path)
        accepted = True
        if not _is_finite(content):
            faults.append("not finite")
        del content
    except BaseException as error:  # whatever it is, it is to be counted
        told, fault = _judged(error)
        faults += [fault] if fault else []
    seconds = time.perf_counter() - started
    peak = None if idle is None else _bytes_of("VmHWM") - idle
    if peak is not None and peak > MOST_TIMES_THE_FILE * path.stat().st_size + MOST_EXTRA_BYTES:
        faults.append("memory")
    return Outcome(accepted, tuple(faults), told, seconds, peak)


def _judged(error: BaseException) -> tuple[str, str | None]:
    """What is told of an error, and the fault that it is, if it is one."""
    from sgim.checks import SgimError

    sentence = str(error)
    if not isinstance(error, (SgimError, OSError)) or not sentence.strip():
        return "".join(traceback.format_exception(error)[-6:]), "traceback"
    return sentence, "many lines" if len(sentence.splitlines()) > 1 else None


def _is_finite(content: object) -> bool:
    """Whether all numbers in tensors, arrays and containers are."""
    if hasattr(content, "isfinite"):  # a tensor
        return bool(content.isfinite().all())
    if hasattr(content, "dtype"):
        import numpy as np

        return content.dtype.kind not in "fc" or bool(np.isfinite(content).all())
    if isinstance(content, numbers.Real):
        return isinstance(content, numbers.Integral) or math.isfinite(content)
    if isinstance(content, dict):
        content = content.values()
    if isinstance(content, Iterable) and not isinstance(content, (str, bytes)):
        return all(map(_is_finite, content))
    return True


def _settle() -> int | None:
    """Give free memory back and forget the peak; bytes in use, None where nobody tells."""
    gc.collect()
    gc.freeze()  # the next one looks at new objects alone
    if not can_measure_memory():
        return None
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
    PEAK_SWITCH.write_text("5")
    return _bytes_of("VmRSS")


def _bytes_of(field: str) -> int:
    lines = STATUS.read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))
