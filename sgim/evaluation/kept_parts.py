"""Parts of a long measurement, each in a file of its own, so that a stopped one goes on.

name, work -> the part that is kept, or the work is done and kept, whole or not at all
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from sgim.bundle import WEIGHTS_FOLDER
from sgim.checks import atomic_path

SHIPPED = ("mini_clip", "mini_audio", "mini_prior")


def weights_kept() -> dict[str, str]:
    """The shipped weights of the mini world and the checksum of each."""
    cards = {name: WEIGHTS_FOLDER / f"{name}.json" for name in SHIPPED}
    return {
        name: json.loads(card.read_text(encoding="utf-8"))["sha256"] for name, card in cards.items()
    }


class KeptParts:
    """A folder of parts; those that were made with other settings or weights are made again.

    Parameters
    ----------
    folder : Path
    settings : mapping
        All that the numbers depend on, as JSON can hold it.
    """

    def __init__(self, folder: str | Path, settings: Mapping) -> None:
        self.folder = Path(folder)
        told = json.dumps(dict(settings), sort_keys=True).encode()
        self.fingerprint = hashlib.sha256(told).hexdigest()

    def file(self, name: str, suffix: str) -> Path:
        """Where something that JSON cannot hold is kept, for these settings alone."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f"{_as_file(name)}-{self.fingerprint[:8]}{suffix}"

    def get(self, name: str, work: Callable[[], object]) -> object:
        """The part of that name; `work` makes it where it is missing, and JSON has to hold it."""
        path = self.folder / f"{_as_file(name)}.json"
        kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        if kept.get("settings") == self.fingerprint:
            return kept["part"]
        text = json.dumps({"settings": self.fingerprint, "part": work()})
        self.folder.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            temporary.write_text(text + "\n", encoding="utf-8")
        return json.loads(text)["part"]


def _as_file(name: str) -> str:
    """A name without anything that a file system might mind."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
