"""A spectrogram to play with: settings of the front end in, a picture and a player out.

sounds, n_fft, hop_length, n_mels, top_db -> log-mel picture, what a frame lasts, empty bands.
"""

import html
import io
import os
import warnings
from collections.abc import Mapping

import ipywidgets as widgets
import torch

from sgim.checks import require
from sgim.media.given_sounds import to_waveform
from sgim.media.log_mel import LogMel, LogMelConfig
from sgim.notebook.alt_text import alt_text
from sgim.notebook.inline_media import encode_wav, picture_widget, player_widget
from sgim.notebook.plots import plot_log_mel
from sgim.notebook.slider_names import SliderNames

N_FFT = (64, 128, 256, 512, 1024, 2048)
HOP_LENGTH = (40, 80, 160, 320, 640, 1280)
N_MELS = (8, 16, 32, 64, 128, 256)
TOP_DB = (10, 20, 30, 40, 50, 60, 70, 80, 100)
SECONDS = 5.0


class SpectrogramExplorer(widgets.VBox):
    """Choose a sound and the settings of its log-mel; the player and the picture follow.

    Without the widget it is one call: `plot_log_mel(waveform, 16000, config=explorer.settings())`.

    Parameters
    ----------
    sounds : mapping, name -> path or (waveform, sample_rate)
        At least one; the first 5 s of each are shown, at 16 kHz.

    Raises
    ------
    SgimError
        When there is no sound, or one cannot be read.
    """

    def __init__(self, sounds: Mapping[str, str | os.PathLike | tuple]):
        require(bool(sounds), "sounds is empty; pass at least one, as name -> path.")
        rate = LogMelConfig().sample_rate
        self._waveforms = {
            name: to_waveform(sound, None, rate)[: round(SECONDS * rate)]
            for name, sound in sounds.items()
        }
        start = LogMelConfig()
        self.sound = widgets.Dropdown(options=list(sounds), description="sound")
        self.n_fft = _slider("n_fft", N_FFT, start.n_fft)
        self.hop_length = _slider("hop_length", HOP_LENGTH, start.hop_length)
        self.n_mels = _slider("n_mels", N_MELS, start.n_mels)
        self.top_db = _slider("top_db", TOP_DB, round(start.top_db))
        self.player = player_widget()
        self.note = widgets.HTML()
        self.picture = picture_widget(kind="webp")
        self.sound.observe(lambda _: self._play(), names="value")
        controls = [self.sound, self.n_fft, self.hop_length, self.n_mels, self.top_db]
        for control in controls:
            control.observe(lambda _: self._draw(), names="value")
        self._play()
        self._draw()
        super().__init__([*controls, self.player, self.note, self.picture, SliderNames()])

    def settings(self) -> LogMelConfig:
        """The `LogMelConfig` that the sliders say."""
        return LogMelConfig(
            n_fft=self.n_fft.value,
            hop_length=self.hop_length.value,
            n_mels=self.n_mels.value,
            top_db=float(self.top_db.value),
        )

    def waveform(self) -> torch.Tensor:
        """The chosen sound, (num_samples,) at 16 kHz."""
        return self._waveforms[self.sound.value]

    def _play(self) -> None:
        self.player.value = encode_wav(self.waveform(), LogMelConfig().sample_rate)
        self.player.tooltip = f"The sound: {self.sound.value}."

    def _draw(self) -> None:
        config = self.settings()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="At least one mel filterbank")
            figure = plot_log_mel(self.waveform(), config.sample_rate, config=config)
            self.note.value = f"<small>{html.escape(describe_front_end(config))}</small>"
        file = io.BytesIO()
        figure.savefig(file, format="webp", dpi=120, facecolor="none", pil_kwargs={"quality": 80})
        self.picture.value, self.picture.tooltip = file.getvalue(), alt_text(figure)


def describe_front_end(config: LogMelConfig) -> str:
    """What the settings mean in time and frequency, in two sentences.

    Examples
    --------
    >>> describe_front_end(LogMelConfig()).split(", ")[0]
    'A frame lasts 32 ms'
    """
    per_ms = config.sample_rate / 1000
    empty = int((LogMel(config).filters.sum(0) == 0).sum())
    filled = f"All {config.n_mels} bands hold a bin."
    if empty:
        filled = f"{empty} of {config.n_mels} bands hold no bin and stay dark."
    return (
        f"A frame lasts {config.n_fft / per_ms:g} ms, the next begins "
        f"{config.hop_length / per_ms:g} ms later, a bin is "
        f"{config.sample_rate / config.n_fft:.1f} Hz wide. {filled}"
    )


def _slider(name: str, values: tuple[int, ...], value: int) -> widgets.SelectionSlider:
    return widgets.SelectionSlider(
        options=values,
        value=value,
        description=name,
        continuous_update=False,
        layout=widgets.Layout(width="420px", max_width="100%"),
    )
