"""Whatever people pass for a sound, told apart.

path, bytes or open file of a recording, or samples with their rate -> one mono waveform
"""

import io
import numbers
import os

import torch

from sgim.checks import SgimError, require
from sgim.media.decoding import SOUND_MAGIC
from sgim.media.foreign_formats import recognize
from sgim.media.sound_files import decode_sound, printable, read_sound
from sgim.media.waveforms import as_waveform

UNNAMED = "the recording"
BYTE_FORMATS = ("B", "b", "c")


def is_batch(sound: object) -> bool:
    """Whether a list or tuple holds several sounds, and not the numbers or the rate of one."""
    if not isinstance(sound, (list, tuple)):
        return False
    return not (_is_numbers(sound) or _is_samples_and_rate(sound))


def to_waveform(sound: object, sample_rate: float | None, target_sample_rate: int) -> torch.Tensor:
    """Bring one sound of any kind to a mono waveform.

    Parameters
    ----------
    sound : object
        A path; the bytes of a file, as bytes, bytearray, memoryview or uint8 array; a file opened
        for reading bytes; samples as array, tensor or list of numbers, for which see
        `as_waveform`; or (samples, sample_rate), in either order.
    sample_rate : int
        Required for samples that come without it, and of no account for files.
    target_sample_rate : int
        Samples per second of the result.

    Returns
    -------
    torch.Tensor, (num_samples,), float32

    Raises
    ------
    SgimError
        When it is none of these, or breaks the rules of `read_sound`.

    Examples
    --------
    >>> to_waveform([0.0, 0.5, 0.0, -0.5] * 1000, 16_000, 16_000).shape
    torch.Size([4000])
    """
    if isinstance(sound, (str, os.PathLike)):
        return read_sound(sound, target_sample_rate)
    if isinstance(sound, (list, tuple)) and _is_samples_and_rate(sound):
        sound, sample_rate = reversed(sound) if _is_rate(sound[0]) else sound
    content = _file_content(sound)
    if content is not None:
        return decode_sound(content, _name_of(sound), target_sample_rate)
    is_listed = hasattr(sound, "shape") or isinstance(sound, (list, tuple))
    require(
        is_listed or _as_view(sound) is not None,
        f"{UNNAMED} is of type {type(sound).__name__}; pass a path, the bytes of a file, or an "
        "array of samples with its sample_rate.",
    )
    return as_waveform(sound, sample_rate, target_sample_rate)


def _file_content(sound: object) -> bytes | None:
    """The bytes of a recording's file, where `sound` holds these and not samples."""
    if hasattr(sound, "read"):
        return _read_all(sound)
    if torch.is_tensor(sound):
        sound = sound.numpy() if sound.dtype == torch.uint8 and sound.device.type == "cpu" else None
    view = _as_view(sound)
    if view is None or view.ndim != 1 or view.format not in BYTE_FORMATS:
        return None
    content = bytes(view)
    is_array = hasattr(sound, "dtype")
    if is_array and not (content.startswith(SOUND_MAGIC) or recognize(io.BytesIO(content))):
        return None
    return content


def _as_view(sound: object) -> memoryview | None:
    try:
        return memoryview(sound)
    except (TypeError, ValueError, BufferError):
        return None


def _read_all(file: object) -> bytes:
    name = _name_of(file)
    try:
        if getattr(file, "seekable", bool)():
            file.seek(0)
        content = file.read()
    except (OSError, ValueError, TypeError) as error:
        raise SgimError(f"{name} cannot be read ({error}); open the file for reading.") from error
    require(
        isinstance(content, (bytes, bytearray)),
        f"{name} gives {type(content).__name__} and no bytes; open the file in mode 'rb'.",
    )
    return bytes(content)


def _name_of(sound: object) -> str:
    name = getattr(sound, "name", None)
    return printable(name) if isinstance(name, str) else UNNAMED


def _is_numbers(sound: object) -> bool:
    return (
        isinstance(sound, (list, tuple))
        and len(sound) > 2
        and all(isinstance(one, numbers.Real) for one in sound)
    )


def _is_samples_and_rate(sound: list | tuple) -> bool:
    """Whether one of two things is a number, then the rate of the other one."""
    return len(sound) == 2 and _is_rate(sound[0]) != _is_rate(sound[1])


def _is_rate(thing: object) -> bool:
    return isinstance(thing, numbers.Real) or (isinstance(thing, str) and thing.isdecimal())
