"""Small sounds and their files, as tests of recordings need them."""

import io

import numpy as np
import soundfile

RATE = 16_000
FORMATS = ("wav", "flac", "ogg", "mp3")


def tone(seconds: float, rate: int = RATE, hertz: float = 440.0, peak: float = 0.5) -> np.ndarray:
    """A sine, (num_samples,), float32."""
    time = np.arange(round(seconds * rate)) / rate
    return (peak * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def noise(seconds: float, rate: int = RATE, rms: float = 0.1, seed: int = 1) -> np.ndarray:
    """White noise, (num_samples,), float32."""
    count = round(seconds * rate)
    return (rms * np.random.default_rng(seed).standard_normal(count)).astype(np.float32)


def encoded(samples: np.ndarray, kind: str, rate: int = RATE, **options) -> bytes:
    """The bytes of a file; of ogg, written in blocks, since long ones in one go end the process."""
    file = io.BytesIO()
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    with soundfile.SoundFile(file, "w", rate, channels, format=kind, **options) as sound:
        for start in range(0, len(samples), rate):
            sound.write(samples[start : start + rate])
    return file.getvalue()


def chunk(kind: bytes, content: bytes, length: int | None = None) -> bytes:
    """A chunk of a wav file; `length` is what it says of itself, if not the truth."""
    told = len(content) if length is None else length
    return kind + told.to_bytes(4, "little") + content + b"\0" * (len(content) % 2)


def wav_of(*chunks: bytes) -> bytes:
    """A wav file of these chunks."""
    body = b"WAVE" + b"".join(chunks)
    return chunk(b"RIFF", body)


def pcm_format(tag: int = 1, rate: int = RATE) -> bytes:
    """The chunk "fmt " of 16-bit mono samples, or of another codec."""
    numbers = ((tag, 2), (1, 2), (rate, 4), (2 * rate, 4), (2, 2), (16, 2))
    return chunk(b"fmt ", b"".join(value.to_bytes(size, "little") for value, size in numbers))


def pcm(samples: np.ndarray) -> bytes:
    """16-bit samples."""
    return np.round(samples * 32_767).astype("<i2").tobytes()
