"""Runs one submission in a process of its own; `sgim.exercises.grading` starts it and watches it.

cells on stdin -> lines "token, grade id, points, advice" on a pipe of their own

It guards against accidents and simple tricks. It is no prison: whoever must run code of people
who mean harm needs a container or a machine that holds nothing else.
"""

import ast
import contextlib
import importlib
import json
import os
import sys
import warnings
from pathlib import Path

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
PROCESSES = {
    "os.exec", "os.fork", "os.forkpty", "os.kill", "os.killpg", "os.posix_spawn", "os.spawn",
    "os.startfile", "os.system", "pty.spawn", "signal.pthread_kill", "subprocess.Popen",
}  # fmt: skip
"""Events of Python's audit hooks that begin or end other processes."""
CHANGES = {
    "os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir",
    "os.symlink", "os.truncate", "os.utime", "shutil.chown", "shutil.rmtree",
}  # fmt: skip
"""Events that change files; paths are among their first two arguments."""
NETWORK = {"socket.bind", "socket.connect", "socket.getaddrinfo", "socket.sendto"}


def main() -> None:
    """Run the cells of the order on stdin."""
    order = json.loads(sys.stdin.read())
    results = os.fdopen(int(sys.argv[1]), "w", buffering=1)
    warnings.simplefilter("ignore")
    _import(order["imports"])
    _lock(Path(order["folder"]), [Path(one) for one in order["hidden"]])
    results.write(json.dumps([order["token"], "", 0, "ready"]) + "\n")
    names = {"__name__": "__main__", "display": print, "get_ipython": lambda: None}
    for cell in order["cells"]:
        points, told = _run(cell["source"], names)
        if cell["grade_id"]:
            line = [order["token"], cell["grade_id"], points, told]
            results.write(json.dumps(line) + "\n")
    results.write(json.dumps([order["token"], "", 0, "end"]) + "\n")


def _import(modules: list[str]) -> None:
    """Import before the lock: libraries look for their files everywhere."""
    for name in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def _run(source: str, names: dict) -> tuple[float, str]:
    """Points and an error's sentence; the last line of a graded cell is its number of points."""
    try:
        body = ast.parse(source).body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), "cell", "exec"), names)
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None
    except BaseException as error:
        with contextlib.suppress(BaseException):
            return 0.0, f"{type(error).__name__}: {error}"[:200]
        return 0.0, "an error that cannot be told"
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return (float(value) if number else 0.0), ""


def _lock(folder: Path, hidden: list[Path]) -> None:
    """Refuse other processes, the network, writing outside the folder, reading what is hidden.

    A hook of this kind cannot be taken away again.
    """
    folder, hidden = folder.resolve(), [one.resolve() for one in hidden]

    def inside(path: object, places: list[Path]) -> bool:
        try:
            resolved = Path(os.fsdecode(path)).resolve()
        except (TypeError, ValueError):
            return False
        return any(resolved.is_relative_to(place) for place in places)

    def hook(event: str, arguments: tuple) -> None:
        if event in PROCESSES:
            raise PermissionError("a submission starts and ends no other processes")
        if event in NETWORK:
            raise PermissionError("a submission has no network")
        paths = [one for one in arguments[:2] if isinstance(one, str | bytes | os.PathLike)]
        if event in CHANGES and not all(inside(one, [folder]) for one in paths):
            raise PermissionError("a submission changes no files outside its folder")
        if event == "open" and not isinstance(arguments[0], int):
            path, _, flags = arguments
            if flags & WRITING and path != os.devnull and not inside(path, [folder]):
                raise PermissionError("a submission writes no files outside its folder")
            if inside(path, hidden):
                raise PermissionError("a submission does not read what is hidden")
        if event == "os.listdir" and arguments[0] and inside(arguments[0], hidden):
            raise PermissionError("a submission does not read what is hidden")

    sys.addaudithook(hook)


if __name__ == "__main__":
    main()
