"""Linear probe: how much of the classes a straight line finds in an embedding, on official folds.

features, classes, folds -> one logistic regression per fold, tested on that fold -> accuracies.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sgim.checks import require, require_finite


@dataclass(frozen=True)
class ProbeResult:
    """`accuracy` is the mean of `fold_accuracies`, in [0, 1]; one prediction per clip."""

    accuracy: float
    fold_accuracies: list[float]
    predictions: list[int]


def linear_probe(
    features: torch.Tensor | np.ndarray,
    classes: Sequence[int],
    folds: Sequence[int],
    *,
    regularization: float = 1.0,
) -> ProbeResult:
    """Logistic regression on frozen features; every fold is tested once, never trained on then.

    Parameters
    ----------
    features : (clips, size)
        Any features: audio features of an encoder, or a plain baseline. Each column is scaled to
        mean 0 and deviation 1 by what the training folds show.
    classes : sequence of int
    folds : sequence of int
        The benchmark's own folds, or those of `group_folds`.
    regularization : float
        scikit-learn's C; smaller is smoother.

    Raises
    ------
    SgimError
        When lengths differ, a feature is not finite, there are fewer than two folds, or a class is
        missing from what a fold is trained on.

    Examples
    --------
    >>> features = torch.tensor([[-2.0], [-1.0], [1.0], [2.0]])
    >>> linear_probe(features, [0, 0, 1, 1], folds=[1, 2, 1, 2]).accuracy
    1.0
    """
    rows = torch.as_tensor(features).detach().cpu().numpy()
    classes, folds = np.asarray(classes), np.asarray(folds)
    require(
        rows.ndim == 2 and len(rows) == len(classes) == len(folds),
        f"features has the shape {rows.shape}, with {len(classes)} classes and {len(folds)} folds; "
        "all must tell of the same clips, features as (clips, size).",
    )
    require_finite("features", rows)
    require(
        len(np.unique(folds)) >= 2,
        "all clips are in one fold; a probe needs a second one to be tested on.",
    )
    predictions = np.empty_like(classes)
    fold_accuracies = []
    for fold in np.unique(folds):
        tested = folds == fold
        missing = set(classes[tested]) - set(classes[~tested])
        require(
            not missing,
            f"fold {fold} holds every clip of class {min(missing, default=None)}; spread each "
            "class over at least two folds.",
        )
        probe = make_pipeline(
            StandardScaler(), LogisticRegression(C=regularization, max_iter=2000)
        ).fit(rows[~tested], classes[~tested])
        predictions[tested] = probe.predict(rows[tested])
        fold_accuracies.append(float(np.mean(predictions[tested] == classes[tested])))
    return ProbeResult(float(np.mean(fold_accuracies)), fold_accuracies, predictions.tolist())


def group_folds(groups: Sequence[str], num_folds: int = 5) -> list[int]:
    """Folds 1 ... num_folds that keep the clips of one recording together.

    Parameters
    ----------
    groups : sequence of str
        The recording each clip was cut from.
    num_folds : int
        From 2 to the number of recordings.

    Examples
    --------
    >>> folds = group_folds(["a", "a", "b", "c"], num_folds=3)
    >>> folds[0] == folds[1], len(set(folds))
    (True, 3)
    """
    count = len(set(groups))
    require(
        2 <= num_folds <= count,
        f"num_folds is {num_folds}; it must lie between 2 and the number of recordings, {count}.",
    )
    folds = np.zeros(len(groups), dtype=int)
    splits = GroupKFold(num_folds).split(np.zeros(len(groups)), groups=list(groups))
    for number, (_, tested) in enumerate(splits, start=1):
        folds[tested] = number
    return folds.tolist()
