"""What every lesson begins with: figures in one style, calm threads, and the files of `data/`.

`%reload_ext sgim.notebook` -> style, formats and threads of a kernel; a name -> a file of `data/`.
"""

import csv
import glob
import io
import json
import os
from pathlib import Path

import matplotlib.pyplot as plt
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.pylabtools import print_figure
from IPython.display import Audio
from matplotlib.figure import Figure
from PIL import Image

from sgim.checks import require
from sgim.devices import calm_threads
from sgim.notebook.alt_text import alt_text, picture_html, player_html
from sgim.notebook.figure_words import LARGEST_TABLE
from sgim.notebook.plots import STYLE

SOUND_ENDINGS = (".wav", ".flac", ".ogg", ".mp3")
NUM_RECORDINGS = 40

_webp = {"quality": 85, "method": 4}


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Set the kernel up for a lesson; IPython calls this for `%reload_ext sgim.notebook`.

    Curves and tables become PNG; figures that hold pictures become WebP, which is a tenth of the
    size. Both have a transparent ground, for light and dark pages alike, and come as HTML with the
    figure's alternative text; players have a name. Small work runs on one thread.
    """
    calm_threads()
    shell.run_line_magic("matplotlib", "inline")
    use_style()
    formatters = shell.display_formatter.formatters
    formatters["image/png"].pop(Figure, None)
    formatters["text/html"].for_type(Figure, _as_html)
    formatters["text/html"].for_type(Audio, player_html)


def use_style(picture_quality: int = 85) -> None:
    """Draw every figure from here on in the lessons' style.

    Parameters
    ----------
    picture_quality : int
        Of the WebP files, from 1 to 100.

    Raises
    ------
    SgimError
        When it is none of these.
    """
    require(
        type(picture_quality) is int and 1 <= picture_quality <= 100,
        f"picture_quality is {picture_quality!r}; it must be a whole number from 1 to 100.",
    )
    plt.rcParams.update(STYLE)
    _webp.update(quality=picture_quality)


def _as_html(figure: Figure) -> str:
    if _holds_pictures(figure):
        return picture_html(_as_webp(figure), "webp", alt_text(figure))
    return picture_html(_as_png(figure), "png", alt_text(figure))


def _as_png(figure: Figure) -> bytes:
    """256 colors, a third of the size; no eye tells them from all."""
    image = Image.open(io.BytesIO(print_figure(figure, "png", facecolor="none")))
    few = image.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    file = io.BytesIO()
    few.save(file, "png", optimize=True)
    return file.getvalue()


def _as_webp(figure: Figure) -> bytes:
    return print_figure(figure, "webp", facecolor="none", pil_kwargs=_webp)


def _holds_pictures(figure: Figure) -> bool:
    images = [image for ax in figure.axes for image in ax.images]
    return any(min(image.get_size()) > LARGEST_TABLE for image in images)


def clone_places() -> list[str | os.PathLike]:
    """Folders that may be the clone, wherever the kernel was started.

    The kernel's folder, those above it, the clone that `sgim` runs from or was installed from,
    folders in the kernel's folder, and Colab's.
    """
    here, package = Path.cwd(), Path(__file__).parents[2]
    source = os.environ.get("SGIM_SOURCE", "")
    return [here, *here.parents, package, source, *glob.glob("*/"), *glob.glob("/content/*/")]


def find_data(name: str) -> Path | None:
    """A file or folder of `data/`, wherever the kernel was started; else None, and a sentence.

    It is looked for in the folder that SGIM_DATA names, and in `data/` of `clone_places`.

    Parameters
    ----------
    name : str
        For example "published_results.csv".
    """
    named = os.path.expanduser(os.environ.get("SGIM_DATA") or "data")
    folders = [named, *(os.path.join(place, "data") for place in clone_places())]
    for folder in folders:
        if os.path.exists(path := os.path.join(folder, name)):
            return Path(path)
    print(
        f"data/{name} is not there; put it into the folder data of the repository, or set the "
        "environment variable SGIM_DATA to a folder that holds it."
    )
    return None


def read_data(name: str) -> object | None:
    """What `find_data` finds: an object from .json, or the rows of a .csv, column -> text."""
    path = find_data(name)
    if path is None:
        return None
    text = path.read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines())) if path.suffix == ".csv" else json.loads(text)


def own_recordings() -> dict[str, Path]:
    """Up to 40 sound files in the folder that SGIM_RECORDINGS names, by their names without ending.

    Where there are none, one sentence says how to bring some.
    """
    folder = os.environ.get("SGIM_RECORDINGS")
    files = sorted(Path(folder).expanduser().rglob("*")) if folder else []
    sounds = [file for file in files if file.suffix.lower() in SOUND_ENDINGS]
    if not sounds:
        print(
            "No recordings of yours are here; write %env SGIM_RECORDINGS=FOLDER into a cell above, "
            "with a folder of wav, flac, ogg or mp3 files, and run this cell again."
        )
    return {file.stem: file for file in sounds[:NUM_RECORDINGS]}
