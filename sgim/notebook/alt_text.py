"""What a figure shows, in words, for readers who do not see it.

a figure -> sentences from its axes, or those that `in_words` attached; a file -> HTML with `alt`.

JupyterLab ignores alternative text in the metadata of a picture (4.6 does), and shows HTML in
preference to a picture. So a lesson stores its figures as HTML.
"""

import html
import io
from base64 import b64encode
from typing import TypeVar

import soundfile
from matplotlib.figure import Figure

from sgim.checks import require
from sgim.notebook.figure_words import axes_in_words, grid_in_words, is_picture, plain

Thing = TypeVar("Thing")

SHORTEST = 20
"""Characters; less says no more than "a figure"."""


def in_words(thing: Thing, sentence: str) -> Thing:
    """Attach the sentence that a reader hears in place of a figure, an axes or a player.

    Parameters
    ----------
    thing : Figure, Axes or IPython.display.Audio
        Returned, so that a cell can end with this call.
    sentence : str
        What is to be seen or heard in it, in `SHORTEST` characters or more.

    Raises
    ------
    SgimError
        When the sentence is too short to say something.
    """
    sentence = " ".join(sentence.split())
    require(
        len(sentence) >= SHORTEST,
        f"the description {sentence!r} has {len(sentence)} characters; say in {SHORTEST} or more "
        "what is to be seen.",
    )
    thing.alt_text = sentence
    return thing


def alt_text(figure: Figure) -> str:
    """The sentence that `in_words` attached to a figure, or sentences made from its axes.

    They are shorter than `SHORTEST` where the axes do not tell: pictures need titles, drawings
    words. Then `in_words` is the remedy.
    """
    if hasattr(figure, "alt_text"):
        return figure.alt_text
    panels = [ax for ax in figure.axes if ax.get_visible() and ax.get_label() != "<colorbar>"]
    title = plain(figure._suptitle.get_text()) if figure._suptitle else ""
    head = [f"{title}."] if title else []
    if panels and all(is_picture(ax) for ax in panels):
        return " ".join([*head, grid_in_words(panels)])
    texts = [text for ax in panels if (text := axes_in_words(ax))]
    if len(texts) > 1:
        head.append(f"{len(texts)} panels.")
        texts = [f"({number}) {text}" for number, text in enumerate(texts, start=1)]
    return " ".join([*head, *texts]) or "A figure."


def picture_html(file: bytes, kind: str, sentence: str) -> str:
    """HTML that shows a picture file of kind "png", "jpeg", "webp" or "gif" and says what it shows.

    Examples
    --------
    >>> picture_html(b"GIF89a", "gif", "Rain grows step by step.")
    '<img alt="Rain grows step by step." src="data:image/gif;base64,R0lGODlh">'
    """
    data = b64encode(file).decode("ascii")
    return f'<img alt="{html.escape(sentence)}" src="data:image/{kind};base64,{data}">'


def player_html(player) -> str:
    """HTML of a player (IPython.display.Audio), named by what `in_words` attached.

    Its name tells the length, too. There is a `title` beside the `aria-label` because JupyterLab
    takes the latter away until a notebook is trusted.
    """
    name = getattr(player, "alt_text", "A sound")
    if isinstance(player.data, bytes):
        name = f"{name.rstrip('.')}, {soundfile.info(io.BytesIO(player.data)).duration:.1f} s"
    name = html.escape(name)
    return player._repr_html_().replace("<audio", f'<audio title="{name}" aria-label="{name}"', 1)
