"""Files of the kernel's machine as links in the page, for a browser on another machine.

names of files in a folder -> a link for each, and one for all of them in a zip file
"""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import anywidget
import traitlets

ALL = "all.zip"


class DownloadLinks(anywidget.AnyWidget):
    """A line of links; nothing where there are no files.

    Attributes
    ----------
    files : dict, name -> content as bytes
    """

    _esm = Path(__file__).with_name("downloads.js").read_text(encoding="utf-8")
    files = traitlets.Dict().tag(sync=True)

    def offer(self, folder: Path, names: Sequence[str]) -> None:
        """Show a link for each of these files, and one for a zip file of them all."""
        files = {name: (folder / name).read_bytes() for name in names}
        everything = io.BytesIO()
        with zipfile.ZipFile(everything, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        self.files = {**files, ALL: everything.getvalue()}

    def clear(self) -> None:
        """Take the links away."""
        self.files = {}

    def __repr__(self) -> str:
        """What a page shows on which no kernel runs."""
        return "Links to saved files: run the notebook to use them."
