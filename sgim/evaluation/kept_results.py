"""Measurements in JSON files, with where they come from.

results, provenance -> one file, whole or not at all -> results
"""

import json
from pathlib import Path

from sgim.checks import atomic_path, require


def save_results(results: dict, path: Path, *, made: dict) -> None:
    """Write measurements and their `provenance`."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps({"made": made} | results, indent=2) + "\n")


def read_results(path: Path, *, command: str) -> dict:
    """Read what `command` has written.

    Raises
    ------
    SgimError
        When the file is missing.
    """
    require(path.is_file(), f"{path} does not exist; `{command}` writes it.")
    return json.loads(path.read_text(encoding="utf-8"))
