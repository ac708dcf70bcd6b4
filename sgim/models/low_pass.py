"""Low-pass filters of StyleGAN3: a Kaiser window over an ideal filter, along axes or all around.

cut-off and width of the transition -> taps with sum 1 -> the few separable filters that add up to
a radial one
Source: Karras et al. 2021, "Alias-Free Generative Adversarial Networks", appendix C.
"""

import math

import numpy as np
from scipy.special import j1

LEFT_OUT = 5e-6
"""Share of a radial filter, by norm, that its separable parts may lack."""


def low_pass_taps(
    num_taps: int, cutoff: float, half_width: float, rate: float, *, radial: bool = False
) -> np.ndarray:
    """Taps of a filter that passes frequencies below `cutoff`, symmetric, with sum 1.

    Parameters
    ----------
    num_taps : int
        Even.
    cutoff, half_width : float
        Where half the amplitude is left, and half the width of the fall around it.
    rate : float
        Samples per unit of length, in which frequencies count.
    radial : bool
        For two axes at once, alike in all directions.

    Returns
    -------
    numpy.ndarray, (num_taps,), or (num_taps, num_taps) if radial

    Examples
    --------
    >>> low_pass_taps(4, cutoff=1.0, half_width=1.0, rate=4.0).round(4)
    array([0.0667, 0.4333, 0.4333, 0.0667])
    """
    times = (np.arange(num_taps) - (num_taps - 1) / 2) / rate
    window = np.kaiser(num_taps, _kaiser_beta(num_taps, half_width, rate))
    if radial:
        radius = np.hypot(times[:, None], times)
        taps = j1(2 * np.pi * cutoff * radius) / (np.pi * radius) * np.outer(window, window)
    else:
        taps = np.sinc(2 * cutoff * times) * window
    return taps / taps.sum()


def _kaiser_beta(num_taps: int, half_width: float, rate: float) -> float:
    """The window's shape for the attenuation that so many taps reach (Kaiser 1974)."""
    attenuation = 2.285 * (num_taps - 1) * math.pi * (4 * half_width / rate) + 7.95
    if attenuation > 50:
        return 0.1102 * (attenuation - 8.7)
    if attenuation > 21:
        return 0.5842 * (attenuation - 21) ** 0.4 + 0.07886 * (attenuation - 21)
    return 0.0


def separable_parts(taps: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Filters for rows and for columns whose outer products add up to `taps`.

    A filter along axes is one such pair; a radial one of 12 x 12 taps is the sum of two to four
    but for five millionths.

    Examples
    --------
    >>> taps = low_pass_taps(12, cutoff=4.0, half_width=4.0, rate=32.0, radial=True)
    >>> parts = separable_parts(taps)
    >>> len(parts), np.allclose(sum(np.outer(*part) for part in parts), taps, atol=1e-6)
    (3, True)
    """
    if taps.ndim == 1:
        return [(taps, taps)]
    values, vectors = np.linalg.eigh(taps)
    order = np.abs(values).argsort()[::-1]
    values, vectors = values[order], vectors.T[order]
    rest = np.sqrt(np.cumsum(values[::-1] ** 2)[::-1]) / np.linalg.norm(values)
    num_parts = int((rest > LEFT_OUT).sum())
    return [
        (value * v, v) for value, v in zip(values[:num_parts], vectors[:num_parts], strict=True)
    ]
