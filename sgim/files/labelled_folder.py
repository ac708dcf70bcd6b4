"""A folder of one's own: one folder of sounds per label.

`rain/shower.wav`, `rain/monday/drizzle.wav` -> `SoundClips`
"""

import os
import warnings
from pathlib import Path

from sgim.checks import require
from sgim.files.sound_clips import SoundClips, copies_among, require_folder, sounds_below


def read_labelled_folder(folder: str | os.PathLike) -> SoundClips:
    """Read a folder of your own: one folder per label, `rain/shower.wav`, with any folders in it.

    Every file counts as a recording of its own, but for one sound in several formats, and all are
    in fold 1. Hidden files and folders are passed over.

    Raises
    ------
    SgimError
        When the folder is missing or holds no `label/*.wav` (or flac, ogg, mp3).

    Warns
    -----
    UserWarning
        When sounds lie outside the folders of labels, are copies of others, or cannot be read for
        their format.
    """
    folder = require_folder(folder)
    sounds = sounds_below(folder)
    paths = [path for path in sounds if path.parent != folder]
    require(
        bool(paths),
        f"{folder} holds no sounds such as rain/shower.wav; give each label a folder of its own.",
    )
    if len(paths) < len(sounds):
        warnings.warn(
            f"{len(sounds) - len(paths)} sounds lie in {folder} itself and are left out, for they "
            "have no label; put them into the folder of one.",
            UserWarning,
            stacklevel=2,
        )
    places = [path.relative_to(folder) for path in paths]
    labels = [_readable(place.parts[0]) for place in places]
    names = tuple(sorted(set(labels)))
    recordings: dict[Path, str] = {}
    for place in places:
        recordings.setdefault(place.with_suffix(""), str(place))
    _tell_of_copies(folder, paths)
    return SoundClips(
        paths=paths,
        classes=[names.index(label) for label in labels],
        folds=[1] * len(paths),
        groups=[recordings[place.with_suffix("")] for place in places],
        names=names,
    )


def _tell_of_copies(folder: Path, paths: list[Path]) -> None:
    copies = copies_among(paths)
    if copies:
        warnings.warn(
            f"{len(copies)} sounds in {folder} are copies of others, such as {copies[0]}; what is "
            "held out may then be heard in training: take them away.",
            UserWarning,
            stacklevel=3,
        )


def _readable(name: str) -> str:
    """A name of a folder as text, also where its bytes are those of an old Windows."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("latin-1")
    return name
