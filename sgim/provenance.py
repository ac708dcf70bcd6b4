"""Where a measurement comes from: command, seeds, versions, machine, date.

what was called -> a dict that is kept in the JSON file beside the numbers.
"""

import datetime
import importlib
import platform
from collections.abc import Mapping

from sgim.machine import load, processor_name, usable_cores


def provenance(command: str, seeds: Mapping[str, object]) -> dict:
    """Ask at the start of the work: the load is that of the other programs.

    Parameters
    ----------
    command : str
        What one types to measure again, with DIR and FILE for places on this machine.
    seeds : mapping, what is drawn -> its seed or seeds

    Returns
    -------
    dict
        `command`, `seeds`, `date` (year-month-day), `versions` of python, torch and sgim, and the
        `machine`: `processor`, usable `cores`, `load` of the last minute.
    """
    return {
        "command": command,
        "seeds": dict(seeds),
        "date": datetime.date.today().isoformat(),
        "versions": {
            "python": platform.python_version(),
            **{name: importlib.import_module(name).__version__ for name in ("torch", "sgim")},
        },
        "machine": {"processor": processor_name(), "cores": usable_cores(), "load": load()},
    }
