"""A tone on disk, where a test needs nothing but a sound that can be read."""

import zlib

import numpy as np
import soundfile


def tone(path, seconds=0.5):
    """Write a tone to `path`, whatever its format, and return the path; each has its own pitch."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pitch = 300 + zlib.crc32(str(path).encode(errors="replace")) % 2_000
    wave = 0.3 * np.sin(2 * np.pi * pitch * np.arange(int(16_000 * seconds)) / 16_000)
    soundfile.write(path, wave, 16_000)
    return path
