"""A source and its edit in one frame, with a slider that wipes from one to the other.

JPEG files of the source, the edit and the edit before it -> pictures to compare; without a kernel
half of each
an edit and its sound -> `EditWipe`
"""

import io
from pathlib import Path

import anywidget
import ipywidgets as widgets
import torch
import traitlets
from PIL import Image, ImageDraw

from sgim.editing.manipulate_result import ManipulateResult
from sgim.notebook.alt_text import picture_html
from sgim.notebook.inline_media import encode_jpeg, encode_mp3, player_widget

QUALITY = 75
"""Of the JPEG files in a notebook, which keeps both pictures and half of each."""


class Wipe(anywidget.AnyWidget):
    """Pictures to compare, each a JPEG file and its words; an empty file is not shown.

    Attributes
    ----------
    before, before_words : the source, at the bottom
    after, after_words : the edit above it
    ghost, ghost_words : the edit of an earlier run, beside them
    """

    _esm = Path(__file__).with_name("wipe.js").read_text(encoding="utf-8")
    _css = Path(__file__).with_name("wipe.css").read_text(encoding="utf-8")
    before = traitlets.Bytes(b"").tag(sync=True)
    after = traitlets.Bytes(b"").tag(sync=True)
    ghost = traitlets.Bytes(b"").tag(sync=True)
    before_words = traitlets.Unicode("The source.").tag(sync=True)
    after_words = traitlets.Unicode("The edit.").tag(sync=True)
    ghost_words = traitlets.Unicode("The last edit.").tag(sync=True)

    def __repr__(self) -> str:
        """What a page shows on which no kernel runs."""
        return "A source and its edit: run the notebook to wipe from one to the other."

    def _repr_mimebundle_(self, **kwargs) -> tuple[dict, dict]:
        """The widget, and for pages without a kernel half of each picture."""
        words = f"Left of the line: {self.before_words} Right of it: {self.after_words}"
        shown = f"{picture_html(self.halves(), 'jpeg', words)}<p>{self!r}</p>"
        shapes, metadata = super()._repr_mimebundle_(**kwargs)
        return {**shapes, "text/html": shown}, metadata

    def halves(self) -> bytes:
        """The left half of the source and the right half of the edit, as one JPEG file."""
        before, after = (Image.open(io.BytesIO(one)) for one in (self.before, self.after))
        width, height = after.size
        after.paste(before.resize(after.size).crop((0, 0, width // 2, height)))
        ImageDraw.Draw(after).line([(width // 2, 0), (width // 2, height)], "white", 2)
        buffer = io.BytesIO()
        after.save(buffer, "JPEG", quality=QUALITY)
        return buffer.getvalue()


def wipe_images(
    before: torch.Tensor,
    after: torch.Tensor,
    before_words: str = "The source.",
    after_words: str = "The edit.",
) -> Wipe:
    """A slider that wipes between two pictures.

    Parameters
    ----------
    before, after : torch.Tensor, (1, 3, height, width) in [-1, 1]
    before_words, after_words : str
        What they show, for readers who do not see them.
    """
    return Wipe(
        before=encode_jpeg(before, QUALITY),
        after=encode_jpeg(after, QUALITY),
        before_words=before_words,
        after_words=after_words,
    )


class EditWipe(widgets.VBox):
    """One edit to wipe to its source, and to hear.

    Parameters
    ----------
    result : ManipulateResult
        Of one picture.
    waveform : torch.Tensor, (num_samples,)
    sample_rate : int
    before_words, after_words : str
        What the pictures show, for readers who do not see them.
    """

    def __init__(
        self,
        result: ManipulateResult,
        waveform: torch.Tensor,
        sample_rate: int,
        *,
        before_words: str,
        after_words: str,
    ):
        self.player = player_widget("mp3")
        self.player.value = encode_mp3(waveform, sample_rate)
        self.player.tooltip = "The sound of the edit."
        self.wipe = wipe_images(result.source_images, result.images, before_words, after_words)
        super().__init__([self.player, self.wipe])

    def __repr__(self) -> str:
        """What a page shows on which no kernel runs."""
        return "The edit: run the notebook to hear its sound and to wipe to the source."

    def _repr_mimebundle_(self, **kwargs) -> dict:
        """The widgets, and for pages without a kernel the edit."""
        shown = f"{picture_html(self.wipe.after, 'jpeg', self.wipe.after_words)}<p>{self!r}</p>"
        return {**super()._repr_mimebundle_(**kwargs), "text/html": shown}
