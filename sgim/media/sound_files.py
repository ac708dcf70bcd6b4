"""Recordings in: every sound file from outside is checked here, once.

path or bytes -> the sounds in the file -> mixed, resampled blocks -> one mono waveform
"""

import io
import os
import stat
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
import torch

from sgim.checks import SgimError, require
from sgim.media.decoding import FORMATS, sound_parts, unreadable
from sgim.media.quiet_stderr import quiet_stderr
from sgim.media.waveforms import check_not_too_long, check_seconds, finished, mix


def read_sound(path: str | os.PathLike, sample_rate: int = 16_000) -> torch.Tensor:
    """Read a recording as one mono waveform.

    Parameters
    ----------
    path : str or os.PathLike
        A wav, flac, ogg or mp3 file of any sample rate and any number of channels, 0.1 s to 10 min
        (aiff, caf, w64 and au too); where PyAV is installed also m4a, webm and the sound of films.
        Sounds joined in one file are read one behind the other.
    sample_rate : int
        Samples per second of the result.

    Returns
    -------
    torch.Tensor
        (num_samples,), float32, full scale is [-1, 1]; the mean over the channels, or the loudest
        one where they cancel each other.

    Raises
    ------
    SgimError
        If the file cannot be reached, is a folder, empty, not a sound, truncated, never closed,
        too short, too long, silent, needs PyAV, or holds samples that are not finite or far
        beyond all others. The sentence names the file.
    """
    require(
        isinstance(path, (str, os.PathLike)),
        f"the path of a sound is {path!r}; pass the path of a {FORMATS} file.",
    )
    path = Path(path)
    name = printable(path)
    try:
        _check_file(path, name)
        with path.open("rb") as stream:
            return _read(os.fsencode(path), stream, name, sample_rate)
    except OSError as error:
        raise SgimError(
            f"{name} cannot be read ({error.strerror or error}); check its name and its "
            "permissions."
        ) from error


def decode_sound(content: bytes, name: str, sample_rate: int = 16_000) -> torch.Tensor:
    """Read a recording from the bytes of its file, for example out of an archive.

    Parameters
    ----------
    content : bytes
        All of a file that `read_sound` would read.
    name : str
        What to call it in a complaint.
    sample_rate : int
        Samples per second of the result.

    Returns
    -------
    torch.Tensor, (num_samples,), float32
        The same as `read_sound` gives for the file.

    Raises
    ------
    SgimError
        Under the same rules as `read_sound`.
    """
    require(bool(content), f"{name} is empty (0 bytes); pass a {FORMATS} file.")
    return _read(io.BytesIO(content), io.BytesIO(content), name, sample_rate)


def printable(path: str | os.PathLike) -> str:
    """A file's name as a terminal can show it: other bytes and line breaks are escaped.

    Examples
    --------
    >>> printable("caf\\udce9 1.wav")
    'caf\\\\xe9 1.wav'
    """
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def _read(source: bytes | BinaryIO, stream: BinaryIO, name: str, sample_rate: int) -> torch.Tensor:
    """`source` is for the decoder, `stream` a second look at the same bytes."""
    mono, seconds = [], 0.0
    with quiet_stderr:
        try:
            for part in sound_parts(source, stream, name):
                mono.append(mix(part, part.sample_rate, sample_rate))
                seconds += part.seconds
                check_not_too_long(seconds, name)
        except soundfile.LibsndfileError as error:
            raise unreadable(stream, name) from error
    check_seconds(seconds, name)
    return finished(mono[0] if len(mono) == 1 else np.concatenate(mono), name)


def _check_file(path: Path, name: str) -> None:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise SgimError(f"{name} does not exist; check the name and the folder.") from error
    require(
        not stat.S_ISDIR(status.st_mode),
        f"{name} is a folder; pass the recordings in it, for example {name}/*.",
    )
    require(stat.S_ISREG(status.st_mode), f"{name} is not a regular file; pass a {FORMATS} file.")
    require(os.access(path, os.R_OK), f"{name} may not be read by you; change its permissions.")
    require(status.st_size > 0, f"{name} is empty (0 bytes); pass a {FORMATS} file.")
    require(
        path.suffix.lower() != ".raw",
        f"{name} holds raw samples without a header; save it as {FORMATS}.",
    )
