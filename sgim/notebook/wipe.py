"""A source and its edit in one frame, with a slider that wipes from one to the other.

JPEG files of the source, the edit and the edit before it -> pictures to compare
"""

from pathlib import Path

import anywidget
import traitlets


class Wipe(anywidget.AnyWidget):
    """Pictures to compare, each a JPEG file and its words; an empty file is not shown.

    Attributes
    ----------
    before, before_words : the source, at the bottom
    after, after_words : the edit above it
    ghost, ghost_words : the edit of an earlier run, beside them
    """

    _esm = Path(__file__).with_name("wipe.js").read_text(encoding="utf-8")
    before = traitlets.Bytes(b"").tag(sync=True)
    after = traitlets.Bytes(b"").tag(sync=True)
    ghost = traitlets.Bytes(b"").tag(sync=True)
    before_words = traitlets.Unicode("The source.").tag(sync=True)
    after_words = traitlets.Unicode("The edit.").tag(sync=True)
    ghost_words = traitlets.Unicode("The last edit.").tag(sync=True)
