"""Numbers that say how good an embedding or an edit is.

labels and predictions, or features -> one number or one table.
"""

from collections.abc import Sequence

import numpy as np
import torch
from scipy import stats
from sklearn import metrics as sklearn_metrics

from sgim.checks import require


def _labels(name: str, values: Sequence[int]) -> np.ndarray:
    array = np.asarray(values)
    require(
        array.ndim == 1 and array.size > 0,
        f"{name} has the shape {array.shape}; it must be a list of at least one label.",
    )
    return array


def _pair(labels: Sequence[int], predictions: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    labels, predictions = _labels("labels", labels), _labels("predictions", predictions)
    require(
        len(labels) == len(predictions),
        f"predictions has {len(predictions)} entries but labels has {len(labels)}; "
        "both must be equally long: pass one prediction per label.",
    )
    return labels, predictions


def accuracy(labels: Sequence[int], predictions: Sequence[int]) -> float:
    """Share of predictions that are right, in [0, 1].

    Examples
    --------
    >>> accuracy([0, 1, 1, 1], [0, 1, 1, 0])
    0.75
    """
    labels, predictions = _pair(labels, predictions)
    return float(np.mean(labels == predictions))


def class_balanced_accuracy(
    labels: Sequence[int], predictions: Sequence[int], groups: Sequence | None = None
) -> float:
    """Mean over classes of the share of right predictions, in [0, 1].

    Parameters
    ----------
    labels, predictions
        One entry per clip.
    groups
        The recording each clip was cut from. When given, the recordings of a class count equally,
        however many clips they gave.

    Raises
    ------
    SgimError
        If the lists differ in length or are empty.

    Examples
    --------
    >>> class_balanced_accuracy([0, 0, 0, 1], [0, 0, 0, 0])
    0.5
    >>> class_balanced_accuracy([0, 0, 0, 1], [0, 0, 1, 1], groups=["a", "a", "b", "c"])
    0.75
    """
    labels, predictions = _pair(labels, predictions)
    groups = np.arange(len(labels)) if groups is None else _labels("groups", groups)
    require(
        len(groups) == len(labels),
        f"groups has {len(groups)} entries but labels has {len(labels)}; both must be equally "
        "long: pass the recording of every clip.",
    )
    right = labels == predictions
    recalls = []
    for label in np.unique(labels):
        recordings = np.unique(groups[labels == label])
        recalls.append(
            np.mean([right[(labels == label) & (groups == one)].mean() for one in recordings])
        )
    return float(np.mean(recalls))


def confusion_matrix(
    labels: Sequence[int], predictions: Sequence[int], num_classes: int
) -> np.ndarray:
    """Count the pairs of label and prediction.

    Returns
    -------
    ndarray
        int64, (num_classes, num_classes); rows are labels, columns predictions.

    Raises
    ------
    SgimError
        If a label or prediction is not in 0 ... num_classes - 1.

    Examples
    --------
    >>> confusion_matrix([0, 1, 1], [0, 1, 0], num_classes=2).tolist()
    [[1, 0], [1, 1]]
    """
    labels, predictions = _pair(labels, predictions)
    for name, values in (("labels", labels), ("predictions", predictions)):
        require(
            values.min() >= 0 and values.max() < num_classes,
            f"{name} lies between {values.min()} and {values.max()}; it must lie between 0 and "
            f"{num_classes - 1}: pass class indices or a larger num_classes.",
        )
    return sklearn_metrics.confusion_matrix(labels, predictions, labels=np.arange(num_classes))


def retrieval_at_k(
    query_features: torch.Tensor, target_features: torch.Tensor, k: int = 1
) -> float:
    """Share of queries whose own target is among the k nearest by cosine (recall at k).

    Parameters
    ----------
    query_features, target_features
        (batch, embed_dim); row i of one belongs to row i of the other.
    k
        How many targets may be looked at, at least 1 and at most the batch.

    Raises
    ------
    SgimError
        If the shapes differ or `k` is out of range.

    Examples
    --------
    >>> retrieval_at_k(torch.eye(4), torch.eye(4).roll(1, dims=0), k=1)
    0.0
    """
    require(
        query_features.ndim == 2 and query_features.shape == target_features.shape,
        f"query_features has the shape {tuple(query_features.shape)} and target_features "
        f"{tuple(target_features.shape)}; both must be the same (batch, embed_dim).",
    )
    batch = len(query_features)
    require(1 <= k <= batch, f"k is {k!r}; it must lie between 1 and the batch, {batch}.")
    similarity = zero_shot_scores(query_features, target_features)
    nearest = similarity.topk(k, dim=1).indices
    own = torch.arange(batch, device=nearest.device)[:, None]
    return float((nearest == own).any(dim=1).float().mean())


def spearman(first: Sequence[float], second: Sequence[float]) -> float:
    """Spearman's rank correlation in [-1, 1]; 0 where one of the two never changes.

    Raises
    ------
    SgimError
        If the lists differ in length or have fewer than 3 entries.

    Examples
    --------
    >>> round(spearman([1, 2, 3, 4], [1, 4, 9, 16]), 6)
    1.0
    """
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    require(
        first.ndim == 1 and first.shape == second.shape and len(first) >= 3,
        f"first has the shape {first.shape} and second {second.shape}; both must be lists of the "
        "same length, 3 or more.",
    )
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(stats.spearmanr(first, second).statistic)


def zero_shot_scores(features: torch.Tensor, class_features: torch.Tensor) -> torch.Tensor:
    """Cosine of every feature with every class's text feature.

    Parameters
    ----------
    features
        (batch, embed_dim).
    class_features
        (num_classes, embed_dim), or (num_classes, num_prompts, embed_dim) for prompt ensembles,
        whose unit-length prompts are averaged, as in CLIP (Radford et al. 2021, 3.1.4).

    Returns
    -------
    Tensor
        (batch, num_classes), in [-1, 1]; the class is the argmax.

    Raises
    ------
    SgimError
        If the embeddings differ in size.

    Examples
    --------
    >>> zero_shot_scores(torch.eye(2), torch.eye(2)).argmax(dim=1).tolist()
    [0, 1]
    """
    require(
        features.ndim == 2
        and class_features.ndim in (2, 3)
        and features.shape[-1] == class_features.shape[-1],
        f"features has the shape {tuple(features.shape)} and class_features "
        f"{tuple(class_features.shape)}; they must be (batch, embed_dim) and (num_classes, "
        "embed_dim) or (num_classes, num_prompts, embed_dim).",
    )
    normalize = torch.nn.functional.normalize
    if class_features.ndim == 3:
        class_features = normalize(class_features, dim=-1).mean(dim=1)
    return normalize(features, dim=-1) @ normalize(class_features, dim=-1).T


def bootstrap_interval(
    values: Sequence[Sequence[float]],
    groups: Sequence[object],
    *,
    num_resamples: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """95 % interval of a mean over rows and columns, both drawn again with replacement.

    Parameters
    ----------
    values : array_like, (num_rows, num_columns)
        For example one row per sound and one column per scene.
    groups : sequence, (num_rows,)
        Rows are drawn within their group, so that every group keeps its number of rows.

    Returns
    -------
    low, high : float
        The 2.5th and the 97.5th percentile of the resampled means.

    Raises
    ------
    SgimError
        When `values` is no table, or has not one row per group.

    Examples
    --------
    >>> bootstrap_interval([[1, 1], [0, 0]], ["rain", "fire"])
    (0.5, 0.5)
    """
    table, labels = np.asarray(values, dtype=float), np.asarray(groups)
    require(
        table.ndim == 2 and table.size > 0 and len(labels) == len(table),
        f"values have shape {table.shape} and groups {len(labels)} names; pass a table with one "
        "row per group name.",
    )
    random = np.random.default_rng(seed)
    members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    means = []
    for _ in range(num_resamples):
        rows = np.concatenate([random.choice(group, len(group)) for group in members])
        columns = random.integers(table.shape[1], size=table.shape[1])
        means.append(table[np.ix_(rows, columns)].mean())
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def wilson_interval(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """Interval of a share from independent yes-or-no answers (Wilson 1927).

    Parameters
    ----------
    successes, trials : int
        From 0 to `trials`, and at least 1.
    z : float
        Half-width in standard errors; 1.96 for 95 %.

    Returns
    -------
    low, high : float
        In [0, 1]; the shares p that `successes` lie within `z` standard errors of.

    Raises
    ------
    SgimError
        When the counts do not fit each other.

    Examples
    --------
    >>> low, high = wilson_interval(8, 10)
    >>> round(low, 3), round(high, 3)
    (0.49, 0.943)
    """
    require(
        0 <= successes <= trials and trials >= 1,
        f"successes is {successes!r} and trials {trials!r}; pass 0 <= successes <= trials, and at "
        "least one trial.",
    )
    share, spread = successes / trials, z * z / trials
    middle = (share + spread / 2) / (1 + spread)
    half = np.sqrt(spread * (share * (1 - share) + spread / 4)) / (1 + spread)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))
