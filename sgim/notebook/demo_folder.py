"""The folder that the demo is written to: whole or not at all, and nobody else's files are touched.

a folder -> checks before long work -> files made beside it, moved in at the end
"""

import contextlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sgim.checks import require, require_writable_folder

MANIFEST = "demo.json"
PAGE = "index.html"


def check_folder(out: Path) -> None:
    """Check before long work that the demo can be written to `out`.

    Raises
    ------
    SgimError
        When `out` is a file, cannot be written to, or holds a page that is not the demo's.
    """
    require_writable_folder(out)
    require(
        (out / MANIFEST).exists() or not (out / PAGE).exists(),
        f"{out} holds an {PAGE} that is not the demo's; name another folder.",
    )


@contextlib.contextmanager
def replaced(out: Path) -> Iterator[Path]:
    """Yield a fresh folder whose files move to `out` when the block ends without error."""
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
    try:
        yield fresh
        fresh.chmod(0o755)
        if not out.exists():
            fresh.rename(out)
            return
        stale = set(json.loads((out / MANIFEST).read_text())["files"]) if _is_demo(out) else set()
        files = files_in(fresh)
        for file in sorted(files, key=lambda file: file == PAGE):
            (out / file).parent.mkdir(exist_ok=True)
            (fresh / file).replace(out / file)
        for file in stale - files:
            (out / file).unlink(missing_ok=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _is_demo(out: Path) -> bool:
    return (out / MANIFEST).exists()


def files_in(folder: Path) -> set[str]:
    """Names of all files of a folder and the folders in it."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
