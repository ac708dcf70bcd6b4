"""The picture that a right answer gives, and the answer's own picture over it.

name of an exercise, function -> figure: a broad band that is expected, a thin line that was got
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from matplotlib.figure import Figure

from sgim.checks import require
from sgim.exercises.answers import Answer
from sgim.exercises.reports import Unanswerable
from sgim.notebook.alt_text import in_words
from sgim.notebook.plots import PALETTE

Curve = tuple[torch.Tensor, torch.Tensor]
SIZE = 5.4, 2.3


@dataclass(frozen=True)
class Picture:
    """How the picture of an exercise is made.

    Attributes
    ----------
    curve : callable
        A function that answers the exercise -> x and y, both (n,).
    right : callable
        A right answer.
    x_label, y_label : str
        With units.
    seen : str
        What is to be seen in it, for those who do not see it.
    """

    curve: Callable[[Callable], Curve]
    right: Callable
    x_label: str
    y_label: str
    seen: str


def draw_expected(name: str, function: Callable | None = None) -> Figure:
    """Draw what is expected, and over it what the function gives, as far as it gives something.

    Parameters
    ----------
    name : str
        Name of the picture.
    function : callable
        The answer; nothing but the expected curve is drawn where it cannot be used.

    Raises
    ------
    SgimError
        For a name that has no picture.
    """
    require(name in PICTURES, f"{name!r} has no picture; there are {', '.join(PICTURES)}.")
    picture = PICTURES[name]
    figure = Figure(figsize=SIZE, layout="constrained")
    ax = figure.add_subplot()
    ax.plot(*picture.curve(picture.right), color=PALETTE[5], linewidth=6, label="expected")
    got = _got(picture, function)
    if got:
        ax.plot(*got, color=PALETTE[1], linewidth=1.5, marker=".", label="yours")
    ax.set(xlabel=picture.x_label, ylabel=picture.y_label)
    ax.legend()
    yours = "Your answer is drawn over it." if got else "Nothing of yours is drawn yet."
    return in_words(figure, f"Expected: {picture.seen} {yours}")


def _got(picture: Picture, function: Callable | None) -> Curve | None:
    try:
        answer = Answer(function, "the function")
        x, y = picture.curve(answer.numbers)
    except (Unanswerable, RuntimeError, ValueError, IndexError):
        return None
    return (x, y) if x.ndim == 1 and x.shape == y.shape else None


def _over(values: torch.Tensor, call: Callable) -> Curve:
    """Numbers x -> what the call gives for each of them."""
    return values, torch.stack([torch.as_tensor(call(x)).float() for x in values.tolist()])


def _echo(function: Callable) -> Curve:
    clip = torch.zeros(2, 800)
    clip[:, torch.tensor([100, 550])] = torch.tensor([1.0, 0.6])
    return torch.arange(800) / 16, function(clip, 0.015)[0]


def _back_and_forth(function: Callable) -> Curve:
    sound = torch.linspace(0, 1, 9).square()
    return torch.arange(40), function(sound, 40)


def _swings(function: Callable) -> Curve:
    losses = [1.0, 0.7, 0.9, 0.5, 0.65, 0.4, 0.75, 0.3, 0.35, 0.2]
    return _over(torch.linspace(0, 0.4, 41), lambda threshold: function(losses, threshold))


def _right_echo(clips: torch.Tensor, delay: float) -> torch.Tensor:
    count = round(delay * 16_000)
    return clips + 0.5 * torch.nn.functional.pad(clips, (count, 0))[:, : clips.shape[1]]


def _right_swings(losses: list[float], threshold: float) -> float:
    rises = [b - a > threshold for a, b in pairwise(losses)]
    return sum(rises) / len(rises)


PICTURES = {
    "back to hertz": Picture(
        lambda function: (torch.arange(0, 2850, 50), function(torch.arange(0.0, 2850, 50))),
        lambda mels: 700 * (10 ** (mels / 2595) - 1),
        "mel [mel]",
        "frequency [Hz]",
        "frequency grows with the mel, slowly at first and ever faster.",
    ),
    "back and forth": Picture(
        _back_and_forth,
        lambda wave, size: torch.cat([wave, wave.flip(0)]).repeat(3)[:size],
        "sample [1]",
        "amplitude [1]",
        "a sound that grows is played forward, then backward, again and again, without a jump.",
    ),
    "logit scale": Picture(
        lambda function: _over(torch.linspace(0.55, 0.99, 45), lambda p: function(0.5, 0.2, p)),
        lambda first, second, p: math.log(p / (1 - p)) / (first - second),
        "probability that is wished for [1]",
        "logit scale [1]",
        "the scale grows with the wish, and steeply when it comes near to 1.",
    ),
    "echo": Picture(
        _echo,
        _right_echo,
        "time [ms]",
        "amplitude [1]",
        "two clicks, and 15 ms after each of them a click half as high.",
    ),
    "leash": Picture(
        lambda function: _over(torch.linspace(0.2, 1.5, 40), function),
        lambda w: math.cos(w) / (2 * w),
        "angle where the edit stops [rad]",
        "weight [1]",
        "the farther the edit shall come, the smaller the weight has to be.",
    ),
    "swings": Picture(
        _swings,
        _right_swings,
        "threshold [1]",
        "share of steps [1]",
        "stairs that fall from 0.44 to 0 while the threshold grows.",
    ),
    "number of edits": Picture(
        lambda function: _over(torch.linspace(0.6, 0.95, 36), lambda q: function(0.5, q)),
        lambda p, q: 2.8**2 * (p * (1 - p) + q * (1 - q)) / (q - p) ** 2,
        "share of the second method, the first has 0.5 [1]",
        "edits of each [1]",
        "the number falls from almost 400 to a few while the second share grows.",
    ),
}
"""Name of a picture -> how it is made."""
