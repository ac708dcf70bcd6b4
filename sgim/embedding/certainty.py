"""How sure one may be of what a sound is: probabilities that mean what they say.

cosines with the names, and the truth -> scale, bias, threshold -> probabilities, "none of these"

Cosines rank names; they are no probabilities. A softmax with a fitted scale is one (temperature
scaling, Guo et al. 2017); a bias for "clear" tells how much a sound has to resemble none of the
weathers before it is taken for none.
"""

from collections.abc import Sequence

import numpy as np
import torch

from sgim.checks import require
from sgim.models.audio_encoder import Certainty
from sgim.world.names import CLEAR, HEARD_NAMES

FALSE_ALARMS = 0.05
"""Share of weathers, each counting alike, that may be taken for none of them."""

NUM_BINS = 10


def probabilities(cosines: torch.Tensor, certainty: Certainty) -> torch.Tensor:
    """Cosines with `HEARD_NAMES` (batch, 9) -> probabilities of the same shape.

    Examples
    --------
    >>> equal = probabilities(torch.zeros(1, 9), Certainty(clear_bias=0.0))
    >>> round(equal[0, 0].item(), 3)
    0.111
    """
    logits = certainty.scale * cosines
    logits[:, HEARD_NAMES.index(CLEAR)] += certainty.clear_bias
    return logits.softmax(dim=1)


def fit_certainty(cosines: torch.Tensor, names: Sequence[str]) -> Certainty:
    """Scale and bias that make the truth most likely, every name counting alike.

    Parameters
    ----------
    cosines : torch.Tensor, (count, 9)
        Of sounds that the encoder has not learned from, with `HEARD_NAMES`.
    names : sequence of str
        What the sounds say; all names have to be there.

    Raises
    ------
    SgimError
        When a name is missing.
    """
    from scipy.optimize import minimize

    missing = [name for name in HEARD_NAMES if name not in names]
    require(
        not missing,
        f"there is no sound of {', '.join(missing)}; certainty is fitted on all names: bring some.",
    )
    truth = torch.tensor([HEARD_NAMES.index(name) for name in names])
    balance = _balance(truth)

    def unlikeliness(values: np.ndarray) -> float:
        settings = Certainty(scale=float(np.exp(values[0])), clear_bias=float(values[1]))
        found = probabilities(cosines, settings).gather(1, truth[:, None])[:, 0]
        return -(balance * found.clamp_min(1e-12).log()).sum().item()

    start = np.array([np.log(Certainty().scale), 0.0])
    scale, bias = minimize(unlikeliness, start, method="Nelder-Mead").x
    fitted = Certainty(scale=round(float(np.exp(scale)), 3), clear_bias=round(float(bias), 3))
    is_weather = truth != HEARD_NAMES.index(CLEAR)
    sureness = 1 - probabilities(cosines, fitted)[:, HEARD_NAMES.index(CLEAR)]
    order = sureness[is_weather].argsort()
    missed = _balance(truth[is_weather])[order].cumsum(0)
    least = sureness[is_weather][order][int((missed < FALSE_ALARMS).sum())]
    return Certainty(
        scale=fitted.scale, clear_bias=fitted.clear_bias, least_weather=round(least.item(), 3)
    )


def calibration_error(probability: torch.Tensor, names: Sequence[str]) -> float:
    """Expected calibration error: mean distance of what is said from what is so, in [0, 1].

    Naeini et al. 2015, with ten bins of equal width over the largest probability, every name
    counting alike.
    """
    truth = torch.tensor([HEARD_NAMES.index(name) for name in names])
    balance = _balance(truth)
    said, guess = probability.max(dim=1)
    bins = (said * NUM_BINS).long().clamp(max=NUM_BINS - 1)
    gaps = balance * ((guess == truth).float() - said)
    return sum(abs(gaps[bins == one].sum().item()) for one in range(NUM_BINS))


def _balance(truth: torch.Tensor) -> torch.Tensor:
    """Weights of sounds that sum to 1, and to the same for every name."""
    counts = torch.bincount(truth)
    weights = 1 / counts[truth]
    return weights / weights.sum()
