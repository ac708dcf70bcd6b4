"""Whether JupyterLab and the kernel that it starts belong together.

Panels have two sides: `ipywidgets` and `anywidget` in the environment of the kernel, and their
extensions in that of JupyterLab. With one side missing, a panel stays empty and nobody says why.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from sgim.commands.findings import Finding
from sgim.commands.packages import REINSTALL

EXTENSIONS = {"ipywidgets": "@jupyter-widgets/jupyterlab-manager", "anywidget": "anywidget"}
OWN_LAB = (
    "start the JupyterLab of this environment: `pip install jupyterlab`, `python -m jupyterlab`"
)
NEED = "notebook panels"


def check_notebook_places() -> Iterator[Finding]:
    """The JupyterLab of this environment, or else the one that the shell finds."""
    try:
        metadata.version("jupyterlab")
    except metadata.PackageNotFoundError:
        yield from check_lab_elsewhere()
        return
    yield check_extensions(Path(sys.prefix))
    yield check_kernel()


def check_lab_elsewhere() -> Iterator[Finding]:
    """A JupyterLab of another environment has the extensions, and a kernel where `sgim` is."""
    found = shutil.which("jupyter-lab")
    if found is None:
        return
    home = Path(found).absolute().parent.parent
    missing = missing_extensions(home)
    if missing:
        remedy = f"install {' and '.join(missing)} in {home}, or {OWN_LAB}"
        detail = f"`jupyter-lab` is that of {home}, which lacks {' and '.join(missing)}"
    else:
        remedy = f"run `python -m ipykernel install --user --name sgim` and choose it, or {OWN_LAB}"
        detail = f"`jupyter-lab` is that of {home}, whose own kernel does not know sgim"
    yield Finding("SKIP", NEED, detail, remedy)


def check_extensions(home: Path) -> Finding:
    """The environment's JupyterLab can show panels."""
    missing = missing_extensions(home)
    if not missing:
        return Finding("OK", NEED, "JupyterLab has the extensions that draw them")
    names = " ".join(missing)
    remedy = f"run `pip install --force-reinstall {names}` and start JupyterLab again"
    return Finding("FAIL", NEED, f"JupyterLab lacks the extension of {names}", remedy)


def missing_extensions(home: Path) -> list[str]:
    """Packages of which the environment `home` has no extension for JupyterLab.

    The one of `ipywidgets` comes with `jupyterlab_widgets`, which it brings.
    """
    folder = home / "share" / "jupyter" / "labextensions"
    return [package for package, place in EXTENSIONS.items() if not (folder / place).is_dir()]


def check_kernel() -> Finding:
    """The kernel "python3" of JupyterLab is the Python of this environment."""
    need = "notebook kernel"
    asked = [sys.executable, "-m", "jupyter_client.kernelspecapp", "list", "--json"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    if answer.returncode:
        return Finding("FAIL", need, "JupyterLab cannot list its kernels", REINSTALL)
    kernels = json.loads(answer.stdout)["kernelspecs"]
    if "python3" not in kernels:
        return Finding("FAIL", need, "there is no kernel python3", "run `pip install ipykernel`")
    python, here = Path(kernels["python3"]["spec"]["argv"][0]), Path(sys.executable)
    if not python.is_absolute() or python.parent.resolve() == here.parent.resolve():
        return Finding("OK", need, "JupyterLab starts the Python of this environment")
    remedy = (
        "run `python -m ipykernel install --sys-prefix`, or `jupyter kernelspec remove python3`"
    )
    return Finding("FAIL", need, f"JupyterLab starts {python}, which may lack sgim", remedy)
