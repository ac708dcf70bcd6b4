"""Recordings in: every sound from outside is checked here, once.

path or bytes -> header -> decoded blocks -> resampled blocks -> mono waveform; array -> the same
checks.
"""

import io
import os
import threading
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
import soxr
import torch

from sgim.checks import SgimError, require
from sgim.media.containers import is_cut_short
from sgim.media.waveforms import (
    MAX_SECONDS,
    MP3_SLACK_FRAMES,
    check_finite,
    check_sample_rate,
    check_seconds,
    to_mono,
)

BLOCK_SECONDS = 10
UNKNOWN_NUM_FRAMES = 2**62

FORMATS = "wav, flac, ogg or mp3"
SOUND_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")
SOUND_MAGIC = (b"RIFF", b"RF64", b"fLaC", b"OggS", b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")


def read_sound(path: str | os.PathLike, sample_rate: int = 16_000) -> torch.Tensor:
    """Read a recording as one mono waveform.

    Parameters
    ----------
    path : str or os.PathLike
        A wav, flac, ogg or mp3 file of any sample rate and any number of channels, 0.1 s to 10 min.
    sample_rate : int
        Samples per second of the result.

    Returns
    -------
    torch.Tensor
        (num_samples,), float32, full scale is [-1, 1]; the mean over the channels.

    Raises
    ------
    SgimError
        If the file is missing, a folder, empty, not a sound, truncated, too short, too long,
        silent, or holds NaN or infinite samples. The sentence names the file.
    """
    path = Path(path)
    _check_file(path)
    with path.open("rb") as stream:
        return _read(path, stream, f"{path}", sample_rate)


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


def _read(source: Path | BinaryIO, stream: BinaryIO, name: str, sample_rate: int) -> torch.Tensor:
    """`source` is for the decoder, `stream` a second look at the same bytes."""
    if is_cut_short(stream):
        raise SgimError(_truncated(name))
    with _quiet_decoder:
        try:
            with soundfile.SoundFile(source) as file:
                channels = _decode(file, name, sample_rate, _header_length_is_exact(file, stream))
        except soundfile.LibsndfileError as error:
            raise SgimError(_why_unreadable(stream, name)) from error
    return to_mono(channels, name)


def _check_file(path: Path) -> None:
    require(path.exists(), f"{path} does not exist; check the name and the folder.")
    require(
        not path.is_dir(), f"{path} is a folder; pass the recordings in it, for example {path}/*."
    )
    require(path.is_file(), f"{path} is not a regular file; pass a {FORMATS} file.")
    require(os.access(path, os.R_OK), f"{path} may not be read by you; change its permissions.")
    require(path.stat().st_size > 0, f"{path} is empty (0 bytes); pass a {FORMATS} file.")
    require(
        path.suffix.lower() != ".raw",
        f"{path} holds raw samples without a header; save it as {FORMATS}.",
    )


def _decode(
    file: soundfile.SoundFile, name: str, target_sample_rate: int, length_is_exact: bool
) -> np.ndarray:
    """Open file -> (channels, num_samples), float32, at `target_sample_rate`.

    Blocks are resampled as they come, so ten minutes at a high rate never stand in memory.
    """
    rate = file.samplerate
    check_sample_rate(rate, name)
    require(
        file.frames < UNKNOWN_NUM_FRAMES,
        f"{name} was written to a pipe and does not say how long it is; convert it to wav.",
    )
    if length_is_exact:
        check_seconds(file.frames, rate, name)
    stream = soxr.ResampleStream(rate, target_sample_rate, file.channels, dtype="float32")
    limit = int(MAX_SECONDS * rate) + MP3_SLACK_FRAMES + 1
    resampled, num_frames = [], 0
    while num_frames < limit:
        block = file.read(BLOCK_SECONDS * rate, dtype="float32", always_2d=True)
        if len(block) == 0:
            break
        check_finite(block, name)
        num_frames += len(block)
        resampled.append(stream.resample_chunk(block))
    slack = MP3_SLACK_FRAMES if file.format == "MP3" else 0
    require(not length_is_exact or num_frames >= file.frames - slack, _truncated(name))
    check_seconds(num_frames, rate, name)
    resampled.append(stream.resample_chunk(block[:0], last=True))
    return np.concatenate(resampled).T


def _truncated(name: str) -> str:
    return f"{name} is truncated: it ends before its header says; copy or download it again."


def _why_unreadable(stream: BinaryIO, name: str) -> str:
    stream.seek(0)
    if stream.read(12).startswith(SOUND_MAGIC):
        return f"{name} is damaged or truncated and cannot be decoded; copy or download it again."
    return f"{name} is not a sound in a format that can be read; convert it to {FORMATS}."


def _header_length_is_exact(file: soundfile.SoundFile, stream: BinaryIO) -> bool:
    """Whether the header tells the number of samples; a bare mp3 stream only lets one guess."""
    if file.format != "MP3":
        return True
    stream.seek(0)
    start = stream.read(10)
    tag = start[:3] == b"ID3" and len(start) == 10
    sizes = zip(start[6:], (21, 14, 7, 0), strict=True) if tag else ()
    stream.seek(10 + sum(byte << shift for byte, shift in sizes) if tag else 0)
    first_frames = stream.read(4096)
    return b"Xing" in first_frames or b"Info" in first_frames


class _QuietDecoder:
    """Keeps off the screen what the mp3 decoder itself writes to stderr about damaged files.

    Threads may read at once: the first one in turns stderr away, the last one out turns it back.
    """

    def __init__(self) -> None:
        self.lock, self.readers, self.stderr = threading.Lock(), 0, None

    def __enter__(self) -> None:
        with self.lock:
            self.readers += 1
            if self.readers == 1:
                self.stderr = self._turn_away()

    def __exit__(self, *_) -> None:
        with self.lock:
            self.readers -= 1
            if self.readers == 0 and self.stderr is not None:
                os.dup2(self.stderr, 2)
                os.close(self.stderr)

    @staticmethod
    def _turn_away() -> int | None:
        """A copy of stderr, which now leads nowhere; None where there is no stderr."""
        try:
            copy = os.dup(2)
        except OSError:
            return None
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)
        os.close(null)
        return copy


_quiet_decoder = _QuietDecoder()
