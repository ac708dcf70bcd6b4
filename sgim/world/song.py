"""Voices of birds and crickets: tones with a pitch curve, repeated as their singers do.

Data flow: random generator + intensity -> one singer's waveform (num_samples,) at 16 kHz.
"""

import numpy as np

from sgim.world.sound_blocks import SAMPLE_RATE, unit_rms


def _hump(length: int, attack: float) -> np.ndarray:
    """Envelope (length,) that rises over the share `attack` and falls over the rest."""
    place = np.linspace(0.0, 1.0, length)
    return np.sin(np.pi * place ** (np.log(0.5) / np.log(attack))) ** 1.2


def _pitch_curve(rng: np.random.Generator, shape: str, place: np.ndarray, reach: float):
    """Pitch in octaves along one syllable; `place` runs from 0 to 1, `reach` is its span."""
    if shape == "down":
        return reach * (0.5 - place)
    if shape == "up":
        return reach * (place - 0.5)
    if shape == "arch":
        return reach * (np.sin(np.pi * place) - 0.5)
    if shape == "warble":
        return 0.4 * reach * np.sin(2 * np.pi * rng.uniform(2.0, 6.0) * place)
    return 0.05 * reach * place


def _syllable(rng: np.random.Generator, singer: dict) -> np.ndarray:
    """One note of `singer`, a little different each time."""
    length = max(int(singer["length"] * rng.uniform(0.8, 1.25) * SAMPLE_RATE), 64)
    place = np.linspace(0.0, 1.0, length)
    octaves = _pitch_curve(rng, rng.choice(singer["shapes"]), place, singer["reach"])
    note = singer["pitch"] * 2.0 ** (octaves + rng.normal(0.0, singer["wander"]))
    phase = 2 * np.pi * np.cumsum(np.minimum(note, 7600.0)) / SAMPLE_RATE
    tone = np.sin(phase)
    for overtone, gain in enumerate(singer["overtones"], start=2):
        tone += gain * np.sin(overtone * phase) * (overtone * note < 7800.0)
    if singer["buzz"]:
        tone *= 1.0 + singer["buzz"] * np.sin(
            2 * np.pi * singer["buzz_rate"] * place * length / SAMPLE_RATE
        )
    return tone * _hump(length, rng.uniform(0.2, 0.6)) * rng.uniform(0.6, 1.0)


def _new_bird(rng: np.random.Generator) -> dict:
    """A species: pitch in Hz, syllable and gap in seconds, shapes, overtones, phrase length."""
    croaks = rng.uniform() < 0.1
    length = np.exp(rng.uniform(np.log(0.04), np.log(0.6)))
    return {
        "pitch": np.exp(rng.uniform(*np.log((500.0, 1400.0) if croaks else (1700.0, 5800.0)))),
        "length": length,
        "gap": length * rng.uniform(0.3, 1.8),
        "shapes": rng.choice(["down", "up", "arch", "warble", "flat"], rng.integers(1, 4)),
        "reach": rng.uniform(0.1, 1.5),
        "wander": rng.choice([0.02, 0.05, 0.25]),
        "overtones": rng.uniform(0.2, 1.0, 6) if croaks else 0.25 * rng.uniform(0.0, 1.0, 2) ** 2,
        "buzz": rng.choice([0.0, 0.0, 0.9]),
        "buzz_rate": rng.uniform(30.0, 140.0),
        "phrase": int(np.exp(rng.uniform(0.0, np.log(14.0)))),
        "pause": np.exp(rng.uniform(np.log(0.5), np.log(2.5))),
    }


def bird_voice(rng: np.random.Generator, intensity: float, num_samples: int) -> np.ndarray:
    """One bird: phrases of syllables with pauses that shorten as `intensity` in [0, 1] grows.

    Returns a waveform (num_samples,) whose loudest syllables reach about 1.
    """
    singer = _new_bird(rng)
    waveform = np.zeros(num_samples, np.float32)
    pause = singer["pause"] * (2.0 - 1.7 * intensity)
    position = int(rng.uniform(-0.5, 0.5) * pause * SAMPLE_RATE)
    while position < num_samples:
        for _ in range(singer["phrase"]):
            note = _syllable(rng, singer)
            first, last = max(position, 0), min(position + note.size, num_samples)
            if last > first:
                waveform[first:last] += note[first - position : last - position]
            position += note.size + int(singer["gap"] * rng.uniform(0.7, 1.4) * SAMPLE_RATE)
        position += int(pause * rng.uniform(0.5, 1.6) * SAMPLE_RATE)
    return waveform


def cricket_voice(rng: np.random.Generator, intensity: float, num_samples: int) -> np.ndarray:
    """One cricket: a pure high tone cut into pulses, pulses grouped into chirps or a long trill.

    Chirps and pulses come faster as `intensity` in [0, 1] grows, as they do on warm nights.
    Returns a waveform (num_samples,) of unit RMS.
    """
    time = np.arange(num_samples) / SAMPLE_RATE
    pitch = np.exp(rng.uniform(np.log(2300.0), np.log(6800.0)))
    speed = (0.5 + 1.1 * intensity) * rng.uniform(0.85, 1.15)
    pulse_rate = np.exp(rng.uniform(np.log(18.0), np.log(60.0))) * speed
    pulse = np.maximum(np.sin(2 * np.pi * (pulse_rate * time + rng.uniform())), 0.0)
    pulse = pulse ** rng.uniform(0.7, 3.0)
    if rng.uniform() < 0.7:
        chirp_rate = np.exp(rng.uniform(np.log(0.7), np.log(4.0))) * speed
        unsteady = 0.15 * np.sin(2 * np.pi * rng.uniform(0.1, 0.6) * time + rng.uniform(0.0, 6.0))
        place = np.mod(chirp_rate * time + unsteady + rng.uniform(), 1.0)
        share = rng.uniform(0.25, 0.75)
        gate = np.clip(np.minimum(place, share - place) / 0.06, 0.0, 1.0)
    else:
        gate = 0.7 + 0.3 * np.sin(2 * np.pi * rng.uniform(0.1, 1.0) * time + rng.uniform(0.0, 6.0))
    glide = pitch * (
        1.0 + rng.uniform(0.0, 0.01) * np.sin(2 * np.pi * rng.uniform(0.3, 3.0) * time)
    )
    phase = 2 * np.pi * np.cumsum(glide) / SAMPLE_RATE
    return unit_rms(np.sin(phase) * pulse * gate).astype(np.float32)
