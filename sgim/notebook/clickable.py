"""A drawing in which a part is chosen by a click or by the arrow keys.

SVG with numbered parts -> `ClickableDrawing.chosen`, the number of one of them
"""

from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__)


class ClickableDrawing(anywidget.AnyWidget):
    """A drawing; its parts have the attribute `data-i`, counted from 0 without a gap.

    Attributes
    ----------
    drawing : str
        SVG.
    words : str
        What the drawing is and how it is used, for a screen reader.
    chosen : int
        Number of the part that is chosen, -1 for none.
    marked : list of int
        Numbers of the parts that have a thin outline.
    """

    _esm = HERE.with_suffix(".js").read_text(encoding="utf-8")
    _css = HERE.with_suffix(".css").read_text(encoding="utf-8")
    drawing = traitlets.Unicode("").tag(sync=True)
    words = traitlets.Unicode("").tag(sync=True)
    chosen = traitlets.Int(-1).tag(sync=True)
    marked = traitlets.List(traitlets.Int()).tag(sync=True)
