"""A place that shows one thing after the other, whatever it is.

a sentence, a picture or a sound -> words, an image or a player with its spectrogram
"""

import html

import ipywidgets as widgets
import torch

from sgim.notebook.inline_media import NamedImage, encode_jpeg, encode_mp3, player_widget
from sgim.notebook.studio_charts import draw_spectrogram

Thing = str | torch.Tensor | tuple[torch.Tensor, int]


class ShownThing(widgets.VBox):
    """Shows what `show` was given last; a sound does not play by itself."""

    def __init__(self) -> None:
        self.words, self.player = widgets.HTML(), player_widget("mp3")
        self.picture = NamedImage(format="jpeg", layout=widgets.Layout(width="200px"))
        self.player.layout.width = "330px"
        super().__init__([self.words, self.picture, self.player])
        self.show("", "")

    def show(self, name: str, thing: Thing) -> None:
        """Show a thing.

        Parameters
        ----------
        name : str
            What a picture or a player is called.
        thing : str, torch.Tensor or (torch.Tensor, int)
            A sentence, a picture (3, height, width) in [-1, 1], or a waveform (num_samples,) and
            its sample rate.
        """
        is_picture, is_sound = isinstance(thing, torch.Tensor), isinstance(thing, tuple)
        _hide(self.picture, not is_picture)
        _hide(self.player, not is_sound)
        self.words.value = ""
        if is_picture:
            self.picture.tooltip = name
            self.picture.value = encode_jpeg(thing[None])
        elif is_sound:
            self.player.tooltip = name
            self.player.value = encode_mp3(*thing)
            self.words.value = draw_spectrogram(*thing)
        elif thing:
            self.words.value = f"<q>{html.escape(thing)}</q>"


def _hide(widget: widgets.DOMWidget, hidden: bool) -> None:
    widget.layout.display = "none" if hidden else None
