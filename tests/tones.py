"""A tone on disk, where a test needs nothing but a sound that can be read."""

import numpy as np
import soundfile


def tone(path, seconds=0.5):
    """Write 440 Hz to `path`, whatever its format, and return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(int(16_000 * seconds)) / 16_000)
    soundfile.write(path, wave, 16_000)
    return path
