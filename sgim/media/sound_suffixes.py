"""Files that are sounds by their names: what is looked for in folders and archives.

names -> those that can be read here · the others -> a sentence that says what is missing
"""

import importlib.util
import warnings
from collections.abc import Iterable, Sequence
from pathlib import PurePath

SOUND_SUFFIXES = tuple(
    ".aif .aifc .aiff .au .caf .flac .mp2 .mp3 .oga .ogg .opus .w64 .wav".split()
)
FOREIGN_SUFFIXES = tuple(
    ".3gp .aac .ac3 .amr .ape .avi .flv .m4a .mka .mkv .mov .mp4 .mpg .weba .webm .wma .wmv .wv"
    "".split()
)
"""Of phones, browsers and films: what PyAV reads, where it is installed."""


def is_sound(name: str | PurePath) -> bool:
    """Whether a file is a sound that is read everywhere.

    Examples
    --------
    >>> [is_sound(name) for name in ("rain.WAV", "memo.m4a", "notes.txt")]
    [True, False, False]
    """
    return PurePath(name).suffix.lower() in SOUND_SUFFIXES


def is_foreign(name: str | PurePath) -> bool:
    """Whether a file is a sound, or a film with one, that PyAV reads.

    Examples
    --------
    >>> [is_foreign(name) for name in ("rain.WAV", "memo.m4a", "notes.txt")]
    [False, True, False]
    """
    return PurePath(name).suffix.lower() in FOREIGN_SUFFIXES


def pyav_is_installed() -> bool:
    """Whether sounds of phones, browsers and films can be read here."""
    return importlib.util.find_spec("av") is not None


def tell_of_left_out(names: Sequence[str | PurePath], place: object) -> None:
    """Warn of foreign sounds that are left out because PyAV is not here; of none say nothing."""
    if names:
        warnings.warn(
            f"{len(names)} files in {place} are left out ({_suffixes(names)}), for PyAV, which "
            "reads them, is not installed: run `pip install av`.",
            UserWarning,
            stacklevel=3,
        )


def _suffixes(names: Iterable[str | PurePath]) -> str:
    return ", ".join(sorted({PurePath(name).suffix.lower() for name in names}))
