"""Recordings in: every sound from outside is checked here, once.

path or bytes -> header -> decoded blocks -> resampled blocks -> mono waveform; array -> the same
checks.
"""

import io
import os
import struct
import threading
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
import soxr
import torch

from sgim.checks import SgimError, require

MIN_SECONDS = 0.1
MAX_SECONDS = 600.0
SILENCE_PEAK = 1e-5
"""A waveform that stays within this of its mean (full scale is 1) counts as silence."""

MIN_SAMPLE_RATE = 1_000
MAX_SAMPLE_RATE = 768_000
BLOCK_SECONDS = 10
MP3_SLACK_FRAMES = 2 * 1152
"""An mp3 may end this many samples before its header says, for encoders differ in their padding."""

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
    if _is_cut_short(stream):
        raise SgimError(_truncated(name))
    with _quiet_decoder:
        try:
            with soundfile.SoundFile(source) as file:
                channels = _decode(file, name, sample_rate, _header_length_is_exact(file, stream))
        except soundfile.LibsndfileError as error:
            raise SgimError(_why_unreadable(stream, name)) from error
    return _to_mono(channels, name)


def as_waveform(
    sound: np.ndarray | torch.Tensor, sample_rate: int | None, target_sample_rate: int = 16_000
) -> torch.Tensor:
    """Check an array of samples and bring it to one mono waveform.

    Parameters
    ----------
    sound : numpy.ndarray or torch.Tensor
        (num_samples,) or (channels, num_samples); floating point with full scale [-1, 1], or
        integers, whose full scale is their type's.
    sample_rate : int
        Samples per second of `sound`.
    target_sample_rate : int
        Samples per second of the result.

    Returns
    -------
    torch.Tensor
        (num_samples,), float32; the mean over the channels.

    Raises
    ------
    SgimError
        Under the same rules as `read_sound`, or if the shape or type is not as above.

    Examples
    --------
    >>> tone = np.sin(np.arange(8000) / 5)
    >>> as_waveform(np.stack([tone, tone]), sample_rate=8000, target_sample_rate=16000).shape
    torch.Size([16000])
    """
    name = "the waveform"
    require(
        sample_rate is not None,
        f"{name} comes without sample_rate; pass its samples per second, for example 16000.",
    )
    samples = _as_float_channels(sound, name)
    _check_sample_rate(sample_rate, name)
    _check_seconds(samples.shape[1], sample_rate, name)
    _check_finite(samples, name)
    if sample_rate != target_sample_rate:
        samples = soxr.resample(samples.T, sample_rate, target_sample_rate).T
    return _to_mono(samples, name)


def _as_float_channels(sound: np.ndarray | torch.Tensor, name: str) -> np.ndarray:
    """Array from outside -> (channels, num_samples), float32."""
    if torch.is_tensor(sound):
        sound = sound.detach().cpu()
        sound = sound.float() if sound.is_floating_point() else sound
    samples = np.asarray(sound)
    require(
        samples.dtype.kind in "fiu",
        f"{name} holds {samples.dtype} values; it must hold real numbers: pass floats in [-1, 1].",
    )
    require(
        samples.ndim in (1, 2),
        f"{name} has shape {samples.shape}; it must be (num_samples,) or (channels, num_samples).",
    )
    require(samples.size > 0, f"{name} has no samples; pass at least {MIN_SECONDS} s of sound.")
    samples = np.atleast_2d(samples)
    require(
        samples.shape[0] <= samples.shape[1],
        f"{name} has shape {samples.shape}, more channels than samples; pass it as "
        "(channels, num_samples), that is, transposed.",
    )
    if samples.dtype.kind == "f":
        return samples.astype(np.float32)
    limits = np.iinfo(samples.dtype)
    middle = 0 if limits.min < 0 else (limits.max + 1) // 2
    return ((samples.astype(np.float64) - middle) / (limits.max - middle + 1)).astype(np.float32)


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


def _check_sample_rate(sample_rate: float, name: str) -> None:
    require(
        MIN_SAMPLE_RATE <= sample_rate <= MAX_SAMPLE_RATE,
        f"{name} has {sample_rate} samples per second; between {MIN_SAMPLE_RATE} and "
        f"{MAX_SAMPLE_RATE} can be read: resample it.",
    )


def _check_seconds(num_frames: int, sample_rate: float, name: str) -> None:
    require(num_frames > 0, f"{name} has no samples; pass at least {MIN_SECONDS} s of sound.")
    require(
        num_frames + 1 > MIN_SECONDS * sample_rate,
        f"{name} lasts {num_frames / sample_rate:.3f} s; a sound must last at least "
        f"{MIN_SECONDS} s: pass a longer one.",
    )
    require(
        num_frames <= MAX_SECONDS * sample_rate + MP3_SLACK_FRAMES,
        f"{name} lasts {num_frames / sample_rate / 60:.1f} min; a sound may last at most "
        f"{MAX_SECONDS / 60:g} min: cut it.",
    )


def _check_finite(samples: np.ndarray, name: str) -> None:
    require(
        bool(np.isfinite(samples).all()),
        f"{name} holds NaN or infinite samples; export it again with finite ones.",
    )


def _decode(
    file: soundfile.SoundFile, name: str, target_sample_rate: int, length_is_exact: bool
) -> np.ndarray:
    """Open file -> (channels, num_samples), float32, at `target_sample_rate`.

    Blocks are resampled as they come, so ten minutes at a high rate never stand in memory.
    """
    rate = file.samplerate
    _check_sample_rate(rate, name)
    require(
        file.frames < UNKNOWN_NUM_FRAMES,
        f"{name} was written to a pipe and does not say how long it is; convert it to wav.",
    )
    if length_is_exact:
        _check_seconds(file.frames, rate, name)
    stream = soxr.ResampleStream(rate, target_sample_rate, file.channels, dtype="float32")
    limit = int(MAX_SECONDS * rate) + MP3_SLACK_FRAMES + 1
    resampled, num_frames = [], 0
    while num_frames < limit:
        block = file.read(BLOCK_SECONDS * rate, dtype="float32", always_2d=True)
        if len(block) == 0:
            break
        _check_finite(block, name)
        num_frames += len(block)
        resampled.append(stream.resample_chunk(block))
    slack = MP3_SLACK_FRAMES if file.format == "MP3" else 0
    require(not length_is_exact or num_frames >= file.frames - slack, _truncated(name))
    _check_seconds(num_frames, rate, name)
    resampled.append(stream.resample_chunk(block[:0], last=True))
    return np.concatenate(resampled).T


def _to_mono(channels: np.ndarray, name: str) -> torch.Tensor:
    """(channels, num_samples) -> (num_samples,): the mean, or one channel where they cancel out."""
    mono, loudest = channels.mean(axis=0), max(channels, key=_swing)
    if _swing(mono) < 1e-3 * _swing(loudest):
        mono = loudest
    require(
        _swing(mono) >= SILENCE_PEAK,
        f"{name} is silent; pass a recording in which one hears sound.",
    )
    return torch.from_numpy(np.ascontiguousarray(mono, dtype=np.float32))


def _swing(samples: np.ndarray) -> float:
    return float(np.abs(samples - samples.mean()).max())


def _truncated(name: str) -> str:
    return f"{name} is truncated: it ends before its header says; copy or download it again."


def _why_unreadable(stream: BinaryIO, name: str) -> str:
    stream.seek(0)
    if stream.read(12).startswith(SOUND_MAGIC):
        return f"{name} is damaged or truncated and cannot be decoded; copy or download it again."
    return f"{name} is not a sound in a format that can be read; convert it to {FORMATS}."


def _is_cut_short(stream: BinaryIO) -> bool:
    """Whether a wav or ogg file ends inside a block whose length it has announced.

    The decoder plays such files to their end without a word. For flac and mp3 the number of
    decoded samples tells.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    magic = stream.read(12)
    if magic[:4] == b"RIFF" and magic[8:] == b"WAVE":
        return _wav_ends_early(stream, size)
    if magic[:4] == b"OggS":
        stream.seek(max(0, size - 2 * 65_536))
        return _ogg_ends_early(stream.read())
    return False


def _wav_ends_early(stream: BinaryIO, size: int) -> bool:
    position = 12
    while position + 8 <= size:
        stream.seek(position)
        kind, length = struct.unpack("<4sI", stream.read(8))
        if kind == b"data":
            written_to_a_pipe = length >= 0x7FFF_0000
            return not written_to_a_pipe and position + 8 + length > size
        position += 8 + length + length % 2
    return True


def _ogg_ends_early(tail: bytes) -> bool:
    page = tail[tail.rfind(b"OggS") :]
    if len(page) < 27 or len(page) < 27 + page[26]:
        return True
    return len(page) < 27 + page[26] + sum(page[27 : 27 + page[26]])


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
