"""What an edit of the Studio follows: a sound from a list, a file or the microphone, and a text.

name, file or recording -> waveform -> player, spectrogram, nearest words -> `StudioSound`
"""

import warnings
from collections.abc import Callable, Mapping

import ipywidgets as widgets
import torch

from sgim.checks import SgimError
from sgim.embedding.hearing import knows_weathers, what_is_heard
from sgim.embedding.zero_shot import label_features, rank_labels
from sgim.media.given_sounds import to_waveform
from sgim.media.sound_files import decode_sound
from sgim.notebook.inline_media import encode_mp3, player_widget
from sgim.notebook.recorder import MicrophoneRecorder
from sgim.notebook.studio_charts import draw_bars, draw_spectrogram
from sgim.notebook.studio_controls import control, fresh_name, heading, upload_button
from sgim.notebook.studio_order import SOUND_SECONDS, SOUND_SEED, StudioSound
from sgim.world.names import HEARD_NAMES, SOUND_NAMES, WEATHER_NAMES
from sgim.world.sounds import synthesize_sound

NO_SOUND = "no sound"
SHOWN_SECONDS = 10.0
NUM_HEARD = 3
SOUND_FILES = "audio/*,.wav,.flac,.ogg,.mp3,.aiff,.m4a,.webm"


class SoundControls(widgets.VBox):
    """A list of sounds, an upload, a microphone, a text, and what is heard.

    Parameters
    ----------
    bundle : Bundle
    own_sounds : mapping, name -> path, bytes or (waveform, sample_rate)
        Recordings that join the built-in sounds.
    say : callable, (sentence, is_error) -> None
        Told what could not be read or heard.
    """

    def __init__(self, bundle, own_sounds: Mapping[str, object], say: Callable[[str, bool], None]):
        self._bundle, self._say = bundle, say
        self._own: dict[str, object | StudioSound] = {}
        self._labels = self._weathers = self._synthesized = None
        self._last: tuple[StudioSound, torch.Tensor, list] | None = None
        self._make_controls()
        for name, sound in own_sounds.items():
            self._own[fresh_name(str(name), self._names(), list(self._own))] = sound
        self.sound.options = self._names()
        for one in (self.sound, self.intensity):
            one.observe(lambda _: self._follow(), names="value")
        self._follow()
        buttons = widgets.HBox([self.upload, self.recorder], layout={"flex_flow": "row wrap"})
        parts = [heading("Sound and text"), self.sound, self.intensity, buttons, self.player]
        super().__init__([*parts, self.spectrogram, self.heard, self.text, self.mix])

    def chosen(self) -> StudioSound | None:
        """The sound that is chosen.

        Raises
        ------
        SgimError
            When it cannot be read.
        """
        name = self.sound.value
        if name == NO_SOUND:
            return None
        if name not in self._own:
            return self._made_sound(name, round(self.intensity.value, 2))
        if not isinstance(self._own[name], StudioSound):
            rate = self._bundle.sample_rate
            waveform = to_waveform(self._own[name], None, rate)
            self._own[name] = StudioSound(name=name, waveform=waveform, sample_rate=rate)
        return self._own[name]

    def features(self, sound: StudioSound) -> torch.Tensor:
        """Embedding (1, embed_dim) of a sound; that of the last one is remembered.

        What there is to say of the sound is warned of each time.
        """
        if self._last is None or self._last[0] is not sound:
            with warnings.catch_warnings(record=True) as notes:
                warnings.simplefilter("always", UserWarning)
                features = self._bundle.encode_audio(sound.waveform, sound.sample_rate)
            self._last = (sound, features, [str(note.message) for note in notes])
        _, features, remarks = self._last
        for remark in remarks:
            warnings.warn(remark, UserWarning, stacklevel=2)
        return features

    def nearest_name(self, features: torch.Tensor) -> str:
        """The weather whose name is nearest to an embedding (1, embed_dim) of sound or text."""
        if self._weathers is None:
            self._weathers = label_features(self._bundle.encode_text, WEATHER_NAMES)
        return next(iter(rank_labels(features, self._weathers, WEATHER_NAMES)))

    def add(self, name: str, content: bytes) -> None:
        """A sound file joins the list and is chosen; one sentence tells when it cannot be read."""
        rate = self._bundle.sample_rate
        try:
            waveform = decode_sound(content, name, rate)
        except SgimError as error:
            self._say(str(error), True)
            return
        name = fresh_name(name, self._names(), list(self._own))
        self._own[name] = StudioSound(name=name, waveform=waveform, sample_rate=rate)
        was_chosen = self.sound.value == name
        self.sound.options = self._names()
        self.sound.value = name
        if was_chosen:
            self._follow()

    def _names(self) -> list[str]:
        return [*SOUND_NAMES, *self._own, NO_SOUND]

    def _make_controls(self) -> None:
        like = control()
        self.sound = widgets.Dropdown(options=self._names(), description="sound", **like)
        self.intensity = widgets.FloatSlider(
            value=0.8, min=0, max=1, step=0.05, description="its intensity", **like
        )
        self.upload = upload_button("upload a sound", SOUND_FILES, self.add)
        self.recorder = MicrophoneRecorder(
            sample_rate=self._bundle.sample_rate, offers_live=self._bundle.mapper is not None
        )
        self.recorder.observe(self._take_recording, names="recording")
        self.player = player_widget("mp3")
        self._silence = self.player.value
        self.spectrogram, self.heard = widgets.HTML(), widgets.HTML()
        self.text = widgets.Text(
            placeholder="for example: heavy snow",
            description="text",
            continuous_update=False,
            **like,
        )
        self.mix = widgets.FloatSlider(
            value=0.5, min=0, max=1, step=0.05, description="text ↔ sound", **like
        )

    def _take_recording(self, change) -> None:
        if change["new"]:
            number = sum(name.startswith("recording ") for name in self._own) + 1
            self.add(f"recording {number}", bytes(change["new"]))

    def _follow(self) -> None:
        """Play, draw and name what is chosen; only a synthesized sound has an intensity."""
        name = self.sound.value
        self.intensity.disabled = name in self._own or name == NO_SOUND
        self.player.value, self.player.tooltip = self._silence, f"The start of the sound: {name}."
        self.spectrogram.value = self.heard.value = ""
        try:
            sound = self.chosen()
            if sound is None:
                return
            start = sound.waveform[: int(SHOWN_SECONDS * sound.sample_rate)]
            self.player.value = encode_mp3(start, sound.sample_rate)
            self.spectrogram.value = draw_spectrogram(start, sound.sample_rate)
            self.heard.value = self._hear(sound)
        except SgimError as error:
            self._say(str(error), True)

    def _hear(self, sound: StudioSound) -> str:
        """Bars of what it may be, and in words how certain that is."""
        features, labels = self.features(sound), self._name_features()
        if knows_weathers(self._bundle):
            heard = what_is_heard(self._bundle, features, labels)
            likely = dict(list(heard.scores.items())[:NUM_HEARD])
            likely["none of these"] = 1 - heard.sureness
            bars = draw_bars("heard as (probability)", likely, width=330)
            return f'<div style="max-width: 330px">Heard: {heard}.</div>{bars}'
        scores = rank_labels(features, labels, HEARD_NAMES)
        nearest = dict(list(scores.items())[:NUM_HEARD])
        return draw_bars("heard as (cosine)", nearest, width=330)

    def _name_features(self) -> torch.Tensor:
        if self._labels is None:
            self._labels = label_features(self._bundle.encode_text, HEARD_NAMES)
        return self._labels

    def _made_sound(self, name: str, intensity: float) -> StudioSound:
        """A synthesized sound; the last one is remembered."""
        last = self._synthesized
        if last is None or (last.name, last.intensity) != (name, intensity):
            waveform, rate = synthesize_sound(name, intensity, SOUND_SECONDS, SOUND_SEED)
            self._synthesized = StudioSound(
                name=name, waveform=waveform, sample_rate=rate, intensity=intensity
            )
        return self._synthesized
