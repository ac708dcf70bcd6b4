"""Grades many submissions of one assignment, each in a process with limits: none stops the others.

master, folder of submissions -> one line per student: points, seconds, remark
"""

import contextlib
import csv
import json
import os
import secrets
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from sgim.checks import SgimError, atomic_path, require
from sgim.exercises.submission import (
    LARGEST_NOTEBOOK,
    cells_to_run,
    imported_by,
    read_submission,
)

START_SECONDS = 300.0
"""For importing what the master imports, before the first cell runs and the clock begins."""

ENVIRONMENT = ("PATH", "PYTHONPATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT", "OMP_NUM_THREADS")
"""All that a submission sees of the grader's environment: no keys, no names of folders."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one submission may use.

    Parameters
    ----------
    seconds : float
        From its first cell to its end; what the master imports is imported before.
    memory_mb, output_mb, file_mb : float
        Memory of the process, what it prints, and each file that it writes. Memory is limited on
        Linux alone.
    """

    seconds: float = 600.0
    memory_mb: float = 4000.0
    output_mb: float = 2.0
    file_mb: float = 50.0

    def __post_init__(self):
        for one in fields(self):
            value = getattr(self, one.name)
            require(value > 0, f"{one.name} is {value}; it must be above 0.")


@dataclass(frozen=True)
class Grade:
    """One line of the report."""

    student: str
    assignment: str
    points: float
    most: float
    seconds: float
    remark: str


def grade_all(
    master: Path, submitted: Path, *, limits: Limits | None = None, hidden: tuple[Path, ...] = ()
) -> Iterator[Grade]:
    """Grade `submitted/STUDENT/NAME/NAME.ipynb` of every student, one after the other.

    Parameters
    ----------
    master : Path
        The master notebook; its stem is the assignment's name.
    submitted : Path
        One folder per student, as nbgrader has them.
    limits : Limits
    hidden : tuple of Path
        Folders that submissions must not read, besides those of the master and of all students.

    Raises
    ------
    SgimError
        When the master or the folder is missing. What is wrong with a submission is its remark.
    """
    require(master.is_file(), f"{master} is missing; give a master notebook.")
    require(submitted.is_dir(), f"{submitted} is no folder; it holds one folder per student.")
    content = json.loads(master.read_text(encoding="utf-8"))
    students = sorted(one.name for one in submitted.iterdir() if one.is_dir())
    require(bool(students), f"{submitted} holds no folder; make one per student.")
    secret = (master.parent, submitted, *hidden)
    for student in students:
        path = submitted / student / master.stem / f"{master.stem}.ipynb"
        try:
            cells = cells_to_run(content, read_submission(path))
        except SgimError as refusal:
            most = sum(cell.points for cell in cells_to_run(content, content))
            yield Grade(student, master.stem, 0.0, most, 0.0, str(refusal))
            continue
        order = {"cells": [asdict(one) for one in cells], "imports": imported_by(content)}
        order["hidden"] = [str(one.resolve()) for one in secret]
        yield _graded(student, path, order, limits or Limits())


def write_grades(path: Path, grades: list[Grade]) -> None:
    """Write one line per student to a CSV file, whole or not at all."""
    with (
        atomic_path(path) as temporary,
        open(temporary, "w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.DictWriter(file, [one.name for one in fields(Grade)])
        writer.writeheader()
        writer.writerows(asdict(one) for one in grades)


def _graded(student: str, path: Path, order: dict, limits: Limits) -> Grade:
    """Run a submission in a copy of its folder, and count what it reports."""
    token = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="sgim_grade_", ignore_cleanup_errors=True) as folder:
        for one in sorted(path.parent.iterdir()):
            if one.is_file() and not one.is_symlink() and one.stat().st_size < LARGEST_NOTEBOOK:
                shutil.copyfile(one, Path(folder) / one.name)
        began = time.monotonic()
        lines, remark = _watched(order | {"token": token, "folder": folder}, limits)
        seconds = time.monotonic() - began
    worth = {one["grade_id"]: one["points"] for one in order["cells"] if one["grade_id"]}
    got, errors, ended = {}, [], False
    for name, points, told in _reported(lines, token):
        ended = ended or told == "end"
        if name in worth and name not in got:
            got[name] = min(max(float(points), 0.0), worth[name])
            errors += [f"{name}: {told}"] if told else []
    if not remark and not ended:
        remark = "it ended itself before its last cell"
    remark = "; ".join([one for one in (remark, *errors[:2]) if one]) or "graded"
    most = sum(worth.values())
    return Grade(student, path.stem, sum(got.values()), most, round(seconds, 1), remark)


def _reported(lines: list[str], token: str) -> Iterator[tuple[str, float, str]]:
    """Lines of the process that know its token: grade id, points, error."""
    for line in lines:
        with contextlib.suppress(ValueError, TypeError):
            word, *told = json.loads(line)
            if word == token and len(told) == 3:
                yield tuple(told)


def _watched(order: dict, limits: Limits) -> tuple[list[str], str]:
    """Lines that the process reported, and what it did wrong, if it was stopped."""
    folder = order["folder"]
    read, write = os.pipe()
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    environment |= {"HOME": folder, "MPLCONFIGDIR": folder, "TMPDIR": folder, "MPLBACKEND": "Agg"}
    process = subprocess.Popen(
        [sys.executable, "-m", "sgim.exercises.grading_child", str(write)],
        cwd=folder,
        env=environment,
        pass_fds=[write],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=lambda: _limit(limits),
    )
    os.close(write)
    try:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(order).encode())
            process.stdin.close()
        return _collected(process, read, limits)
    finally:
        _end(process)
        os.close(read)
        process.stdout.close()


def _collected(process: subprocess.Popen, read: int, limits: Limits) -> tuple[list[str], str]:
    """Read both pipes until the end; the clock begins anew when the child says that it is ready."""
    began, allowed, ready = time.monotonic(), START_SECONDS, False
    printed, reported, remark = 0, b"", ""
    with selectors.DefaultSelector() as selector:
        for one in (read, process.stdout.fileno()):
            selector.register(one, selectors.EVENT_READ)
        while selector.get_map() and not remark and b'"end"]' not in reported:
            left = began + allowed - time.monotonic()
            if left <= 0:
                remark = f"stopped after {allowed:g} seconds"
            for key, _ in selector.select(max(left, 0)):
                piece = os.read(key.fd, 2**16)
                if not piece:
                    selector.unregister(key.fd)
                elif key.fd == read:
                    reported += piece
                else:
                    printed += len(piece)
            if not ready and b'"ready"]' in reported:
                began, allowed, ready = time.monotonic(), limits.seconds, True
            if max(printed, len(reported)) > limits.output_mb * 1e6:
                remark = f"stopped after printing more than {limits.output_mb:g} MB"
    return reported.decode(errors="replace").splitlines(), remark


def _end(process: subprocess.Popen) -> None:
    """End the process and all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _limit(limits: Limits) -> None:
    import resource

    megabyte = 10**6
    kinds = {
        "RLIMIT_DATA": limits.memory_mb * megabyte,
        "RLIMIT_FSIZE": limits.file_mb * megabyte,
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": (os.cpu_count() or 1) * (START_SECONDS + limits.seconds),
    }
    for kind, value in kinds.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(getattr(resource, kind), (int(value), int(value)))
