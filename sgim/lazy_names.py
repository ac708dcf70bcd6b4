"""Public names of a package that are imported when they are first used, by Python's own means.

modules and the names in them -> `__getattr__`, `__dir__` and `__all__` of a package
"""

import importlib
from collections.abc import Callable, Mapping, Sequence


def lazy_names(
    package: str, names: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """What a package needs that offers names of its modules without importing them.

    Parameters
    ----------
    package : str
        `__name__` of the package.
    names : mapping, module inside the package -> names in it
        A module without names is a public name itself.

    Returns
    -------
    __getattr__, __dir__, __all__
    """
    home = {name: module for module, inside in names.items() for name in inside}
    modules = [module for module, inside in names.items() if not inside]

    def get(name: str) -> object:
        if name in home:
            return getattr(importlib.import_module(f"{package}.{home[name]}"), name)
        if name in modules:
            return importlib.import_module(f"{package}.{name}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    public = sorted([*home, *modules])
    return get, lambda: public, public
