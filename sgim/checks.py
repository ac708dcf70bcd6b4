"""One sentence for bad input, whole files or none.

Every public function checks what it is given here; everything that lands on disk goes through
`atomic_path`.
"""

import contextlib
import numbers
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path


class SgimError(ValueError):
    """Bad input, told in one sentence: the thing, its value, the rule, the remedy.

    It stays on one line: breaks of lines, as names inside a damaged file may hold, become spaces.
    """

    def __init__(self, sentence: object) -> None:
        super().__init__(" ".join(str(sentence).splitlines()))


def require(condition: bool, sentence: str) -> None:
    """Raise `SgimError(sentence)` unless `condition` holds."""
    if not condition:
        raise SgimError(sentence)


def require_in_range(name: str, value: float, low: float, high: float) -> None:
    """Raise `SgimError` unless `low <= value <= high` (NaN fails)."""
    require(
        low <= value <= high,
        f"{name} is {value!r}; it must lie between {low:g} and {high:g}: pass a value in there.",
    )


def require_one_of(name: str, value: object, choices: tuple) -> None:
    """Raise `SgimError` unless `value` is one of `choices`."""
    require(
        value in choices,
        f"{name} is {value!r}; it must be one of {', '.join(map(str, choices))}"
        f"{nearest(str(value), choices)}.",
    )


def nearest(word: str, known: Iterable) -> str:
    """The end of a sentence about an unknown `word`: the known one most like it, if any is.

    >>> nearest("minni", ("mini", "paper"))
    '; the nearest is mini'
    >>> nearest("x", ("mini", "paper"))
    ''
    """
    import difflib  # not at the top: only mistakes need it

    found = difflib.get_close_matches(word, map(str, known), n=1)
    return f"; the nearest is {found[0]}" if found else ""


def require_finite(
    name: str, value: object, remedy: str = "pass numbers without NaN and infinity"
) -> None:
    """Raise `SgimError` unless all numbers in `value` are finite.

    The one place for the rule that nothing which is not finite passes a public door.

    Parameters
    ----------
    name : str
        What the numbers are, for the sentence.
    value : number, list of numbers, numpy.ndarray or torch.Tensor
        Integers of any size are finite; what is empty is, too.
    remedy : str
        What to do about it.

    Examples
    --------
    >>> require_finite("z", [0.0, float("nan"), float("inf")])
    Traceback (most recent call last):
        ...
    sgim.checks.SgimError: z: 2 of 3 values are not finite; pass numbers without NaN and infinity.
    """
    if isinstance(value, numbers.Integral):
        return
    if hasattr(value, "isfinite"):
        finite = value.isfinite()
    else:
        import numpy as np  # not at the top: `sgim --help` is instant without it

        finite = np.isfinite(value)
    if finite.all():
        return
    count = finite.numel() if hasattr(finite, "numel") else finite.size
    require(
        False, f"{name}: {count - int(finite.sum())} of {count} values are not finite; {remedy}."
    )


def cast_like(name: str, tensor, like):
    """A tensor of real numbers, finite, in the dtype and on the device of another.

    Parameters
    ----------
    name : str
        What it is, for the sentence.
    tensor : torch.Tensor
        Of floats of any precision, or of whole numbers; gradients flow through.
    like : torch.Tensor

    Raises
    ------
    SgimError
        For anything else, and for numbers that are not finite, or too large for that dtype.
    """
    require(
        hasattr(tensor, "is_floating_point"),
        f"{name} is a {type(tensor).__name__}; it must be a tensor: convert it.",
    )
    kind, layout = str(tensor.dtype), str(tensor.layout)
    require(
        not tensor.is_complex() and kind != "torch.bool" and layout == "torch.strided",
        f"{name} is {kind} and {layout}; it must be a dense tensor of real numbers: convert it.",
    )
    require(
        not tensor.is_meta, f"{name} is on the device meta, without numbers; make it on another."
    )
    cast = tensor.to(like)
    require_finite(name, cast)
    return cast


def require_writable_folder(folder: Path) -> None:
    """Raise `SgimError` unless `folder` is one that can be written to, or can be made."""
    require(not folder.exists() or folder.is_dir(), f"{folder} is a file; name a folder.")
    nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    require(
        nearest.is_dir() and os.access(nearest, os.W_OK),
        f"{folder} cannot be written to, {nearest} forbids it; name another folder.",
    )


@contextlib.contextmanager
def atomic_path(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a temporary path beside `path`; move it there when the block ends without error.

    The temporary name keeps the suffix of `path`, so writers that look at it still work.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    try:
        yield Path(name)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
