"""Settings of any kind, checked field by field, and taken as people give them.

a dataclass of settings -> each field a number, a switch or a word, as it is declared
settings, a dict of some, a preset, or nothing -> settings
"""

import dataclasses
import math
import numbers
import types
import typing
from collections.abc import Mapping

import numpy as np

from sgim.checks import SgimError, nearest, require

KINDS = {
    int: (numbers.Integral, "a whole number"),
    float: (numbers.Real, "a finite number"),
    bool: (bool | np.bool_, "True or False"),
    str: (str, "a word"),
}
LOWEST_SEED, HIGHEST_SEED = -(2**63), 2**64 - 1
LONGEST_SHOWN = 60


def check_kinds(settings) -> None:
    """Raise `SgimError` unless the fields of a dataclass hold what they are declared to hold.

    Numbers of numpy become numbers of Python. Fields of other types than int, float, bool and str,
    or one of these and None, are left to whoever declares them.
    """
    for field in dataclasses.fields(settings):
        if typing.get_origin(field.type) is tuple:
            continue
        options = typing.get_args(field.type) or (field.type,)
        value = getattr(settings, field.name)
        if options[0] not in KINDS or (value is None and types.NoneType in options):
            continue
        kind, words = KINDS[options[0]]
        good = isinstance(value, kind) and (
            options[0] is bool or not isinstance(value, bool | np.bool_)
        )
        if good and options[0] is float:
            good = math.isfinite(value)
        require(
            good,
            f"{field.name} is {shown(value)}; it must be {words}"
            f"{' or None' if types.NoneType in options else ''}: the default is {field.default!r}.",
        )
        if isinstance(value, np.generic):
            object.__setattr__(settings, field.name, value.item())


def check_seed(seed: int) -> None:
    """Raise `SgimError` for a seed that torch does not take."""
    require(
        LOWEST_SEED <= seed <= HIGHEST_SEED,
        f"seed is {seed}; it must lie between -2**63 and 2**64 - 1: pass 0, for example.",
    )


def as_settings(given, default):
    """Settings of the kind of `default`.

    Parameters
    ----------
    given : None, settings, a dict of some of them, or what has settings as its `config`
        None gives `default`; what a dict does not name is as in `default`.
    default : a dataclass of settings

    Raises
    ------
    SgimError
        For anything else, and for a name that is no setting.
    """
    kind = type(default)
    names = [field.name for field in dataclasses.fields(default)]
    if given is None:
        return default
    if isinstance(given, kind):
        return given
    if isinstance(getattr(given, "config", None), kind):
        return given.config
    if not isinstance(given, Mapping):
        raise SgimError(
            f"config is {shown(given)}; it must be a {kind.__name__} or a dict of its settings: "
            f"pass {kind.__name__}({names[0]}={getattr(default, names[0])!r}), for example."
        )
    for name in given:
        known = nearest(str(name), names) or f"; they are {', '.join(names)}"
        require(name in names, f"{name!r} is no setting of {kind.__name__}{known}.")
    return dataclasses.replace(default, **given)


def shown(value: object) -> str:
    """A value in a few letters, on one line."""
    words = " ".join(repr(value).split())
    return words if len(words) <= LONGEST_SHOWN else f"{words[:LONGEST_SHOWN]}..."
