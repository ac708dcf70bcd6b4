"""One slider among edits that are made already, for notebooks.

pictures, sounds and labels of all levels -> a slider, a player, the source beside the edit.
"""

from collections.abc import Sequence

import ipywidgets as widgets
import torch

from sgim.checks import require
from sgim.notebook.inline_media import encode_jpeg, encode_mp3, picture_widget, player_widget
from sgim.notebook.slider_names import SliderNames


class StrengthSlider(widgets.VBox):
    """One slider among edits that are made already: it moves, the player and the picture follow.

    Parameters
    ----------
    source_image : torch.Tensor, (1, 3, height, width) in [-1, 1]
        Shown on the left all the time.
    images : torch.Tensor, (num_levels, 3, height, width) in [-1, 1]
    labels : sequence of str
        One per level.
    waveforms : sequence of torch.Tensor, each (num_samples,)
    sample_rate : int

    Raises
    ------
    SgimError
        When there are not as many labels and waveforms as images.
    """

    def __init__(
        self,
        source_image: torch.Tensor,
        images: torch.Tensor,
        *,
        labels: Sequence[str],
        waveforms: Sequence[torch.Tensor],
        sample_rate: int,
    ):
        require(
            len(images) == len(labels) == len(waveforms) > 0,
            f"there are {len(images)} images, {len(labels)} labels and {len(waveforms)} "
            "waveforms; every level needs one of each.",
        )
        self._pictures = [encode_jpeg(torch.cat([source_image, image[None]])) for image in images]
        self._players = [encode_mp3(waveform, sample_rate) for waveform in waveforms]
        self.level = widgets.SelectionSlider(
            options=[(label, index) for index, label in enumerate(labels)],
            description="strength",
            layout=widgets.Layout(width="420px"),
        )
        self.player = player_widget("mp3")
        self.picture = picture_widget("jpeg")
        self.level.observe(lambda _: self._show(), names="value")
        self._show()
        super().__init__([self.level, self.player, self.picture, SliderNames()])

    def __repr__(self) -> str:
        """What a page shows on which no kernel runs."""
        return f"A slider among {len(self._pictures)} edits: run the notebook to move it."

    def _show(self) -> None:
        strength = f"strength {self.level.label}"
        self.player.tooltip = f"The sound at {strength}."
        self.picture.tooltip = f"Left the scene, right its edit by the sound at {strength}."
        self.player.value = self._players[self.level.value]
        self.picture.value = self._pictures[self.level.value]
