"""Classes of a conditional generator, by name, by number, or mixed.

"cat", 2, one of these for each picture, or shares of all classes -> labels (batch, num_classes)
"""

from collections.abc import Sequence

import torch

from sgim.checks import SgimError, require

Classes = int | str | Sequence[int | str] | torch.Tensor


def class_labels(
    c: Classes | None, batch: int, num_classes: int, names: tuple[str, ...] = ()
) -> torch.Tensor:
    """What a generator with classes is told.

    Parameters
    ----------
    c : int, str, a sequence of these, or torch.Tensor
        A class for all pictures, or one for each; as a tensor of floats, (num_classes,) or
        (batch, num_classes), the shares of a mixture.
    batch, num_classes : int
    names : tuple of str
        Of the classes, where they are known.

    Returns
    -------
    torch.Tensor, (batch, num_classes), float32

    Raises
    ------
    SgimError
        When `c` is left out, or names no class, or is for another number of pictures.

    Examples
    --------
    >>> class_labels(["dog", 0], 2, 3, ("cat", "dog", "wild"))
    tensor([[0., 1., 0.],
            [1., 0., 0.]])
    """
    known = f"0 to {num_classes - 1}" + (f" or {', '.join(names)}" if names else "")
    require(c is not None, f"c is left out, and this generator paints by class: pass c, {known}.")
    if isinstance(c, torch.Tensor) and c.is_floating_point():
        require(
            tuple(c.shape) in ((num_classes,), (batch, num_classes)),
            f"c has shape {tuple(c.shape)}; shares of classes are ({num_classes},) or "
            f"({batch}, {num_classes}).",
        )
        return c.float().expand(batch, -1)
    given = c.tolist() if hasattr(c, "tolist") else c
    given = list(given) if isinstance(given, (list, tuple, range)) else [given] * batch
    require(
        len(given) == batch,
        f"c names {len(given)} classes for {batch} pictures; give one, or one for each.",
    )
    indices = torch.tensor([_index(one, num_classes, names, known) for one in given])
    return torch.nn.functional.one_hot(indices, num_classes).float()


def _index(one: object, num_classes: int, names: tuple[str, ...], known: str) -> int:
    if isinstance(one, str) and one in names:
        return names.index(one)
    try:
        index = range(num_classes).index(one)
    except ValueError:
        raise SgimError(f"c is {one!r}; the classes of this generator are {known}.") from None
    return index
