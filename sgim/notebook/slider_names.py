"""Names for the handles of the sliders of a panel, which have none in ipywidgets.

the label beside a slider -> the name and the value that a screen reader tells
"""

from pathlib import Path

import anywidget


class SliderNames(anywidget.AnyWidget):
    """Put it anywhere into a panel: it shows nothing, and names all sliders of the same output."""

    _esm = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")

    def __repr__(self) -> str:
        """What a page shows on which no kernel runs."""
        return ""
