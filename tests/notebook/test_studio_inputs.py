"""Sounds and photos of the Studio: lists, uploads, recordings."""

import datetime
import io
import re

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from studio_fixtures import QUICK, TinyBundle, TinyGenerator

from sgim.notebook import studio_scene
from sgim.notebook.recorder import MicrophoneRecorder
from sgim.notebook.studio import Studio
from sgim.notebook.studio_scene import BY_NUMBER
from sgim.notebook.studio_sound import NO_SOUND, SoundControls


@pytest.fixture
def bundle():
    return TinyBundle(TinyGenerator())


@pytest.fixture
def studio(bundle):
    return Studio(bundle, config=QUICK, update_every=1)


def wav(seconds=0.5, frequency=300):
    time = np.arange(int(16_000 * seconds)) / 16_000
    buffer = io.BytesIO()
    soundfile.write(buffer, 0.5 * np.sin(2 * np.pi * frequency * time), 16_000, format="WAV")
    return buffer.getvalue()


def png(side=32):
    buffer = io.BytesIO()
    levels = np.linspace(0, 255, side * side * 3).reshape(side, side, 3).astype(np.uint8)
    Image.fromarray(levels).save(buffer, "PNG")
    return buffer.getvalue()


def upload(button, name, content):
    when = datetime.datetime.now(datetime.timezone.utc)
    file = {"name": name, "type": "", "size": len(content), "last_modified": when}
    button.value = ({**file, "content": memoryview(content)},)


def seconds_of(player):
    return soundfile.info(io.BytesIO(player.value)).duration


def test_an_uploaded_sound_joins_the_list_and_is_chosen(studio):
    upload(studio.sounds.upload, "My Kettle.wav", wav(0.5))
    assert studio.sounds.sound.value == "My Kettle.wav" and studio.sounds.upload.value == ()
    assert seconds_of(studio.sounds.player) == 0.5
    assert studio.sounds.intensity.disabled
    sound = studio.order().sound
    assert (len(sound.waveform), sound.sample_rate, sound.intensity) == (8_000, 16_000, None)


def test_the_same_file_again_takes_the_place_of_the_first(studio):
    for seconds in (0.5, 1.0):
        upload(studio.sounds.upload, "kettle.wav", wav(seconds))
        assert seconds_of(studio.sounds.player) == seconds
    assert studio.sounds.sound.options.count("kettle.wav") == 1


def test_a_file_named_like_a_built_in_sound_gets_a_name_of_its_own(studio):
    upload(studio.sounds.upload, "rain", wav())
    assert studio.sounds.sound.value == "rain 2"


def test_a_file_that_is_no_sound_is_told_by_name(studio):
    upload(studio.sounds.upload, "words.wav", b"only words\n" * 50)
    assert "words.wav" in studio.status.value and "color" in studio.status.value
    assert "words.wav" not in studio.sounds.sound.options


def test_a_recording_joins_the_list_each_time(studio):
    for number in (1, 2):
        studio.sounds.recorder.set_state({"recording": memoryview(wav(0.5 * number))})
        assert studio.sounds.sound.value == f"recording {number}"
        assert seconds_of(studio.sounds.player) == 0.5 * number


def test_the_recorder_tells_where_there_is_no_microphone():
    script = MicrophoneRecorder._esm
    assert "getUserMedia" in script and "upload a sound file instead" in script
    assert "run the notebook" in repr(MicrophoneRecorder())


def test_own_sounds_may_be_waveforms_and_files(bundle, tmp_path):
    (tmp_path / "pot.wav").write_bytes(wav(1.0))
    own = {"kettle": (torch.linspace(-0.5, 0.5, 4000), 8_000), "pot": tmp_path / "pot.wav"}
    studio = Studio(bundle, own_sounds=own | {"lost": "no_such_file.wav"})
    for name in ("kettle", "pot"):
        studio.sounds.sound.value = name
        assert seconds_of(studio.sounds.player) == {"kettle": 0.5, "pot": 1.0}[name]
    studio.sounds.sound.value = "lost"
    assert "no_such_file.wav does not exist" in studio.status.value
    studio.run.click()
    assert "no_such_file.wav does not exist" in studio.status.value and not studio.run.disabled


def test_what_is_heard_and_the_spectrogram_follow_the_sound(studio):
    shown = studio.sounds.spectrogram.value
    assert "data:image/jpeg;base64," in shown and "heard as" in studio.sounds.heard.value
    studio.sounds.intensity.value = 0.3
    assert studio.sounds.spectrogram.value != shown
    studio.sounds.sound.value = NO_SOUND
    assert studio.sounds.spectrogram.value == studio.sounds.heard.value == ""


def test_the_mini_world_says_how_certain_it_is_of_a_weather(mini):
    sounds = SoundControls(mini, {}, lambda sentence, is_error: None)
    sounds.sound.value = "crickets"
    assert "Heard: " in sounds.heard.value and "crickets (" in sounds.heard.value
    assert "none of these" in sounds.heard.value


def test_a_photo_becomes_the_nearest_scene_with_its_decibel(studio, monkeypatch):
    quick = studio_scene.project

    def project(bundle, image, **others):
        return quick(bundle, image, config={"num_steps": 5, "num_starts": 8}, **others)

    monkeypatch.setattr(studio_scene, "project", project)
    upload(studio.scene.upload, "hill.png", png())
    studio.wait(60)
    assert studio.scene.kind.value == "nearest to hill.png" and studio.scene.seed.disabled
    told = studio.scene.told.value
    assert " dB from the photo" in told and re.search(r"found in \d+\.\d s\.$", told)
    order = studio.order()
    assert (order.origin.seed, order.origin.photo) == (None, "nearest to hill.png")
    studio.edit()
    assert torch.equal(studio.made.result.source_ws, order.origin.ws)
    studio.scene.kind.value = BY_NUMBER
    assert (
        studio.order().origin.seed == 1 and not studio.scene.seed.disabled and studio.made is None
    )


def test_stop_ends_the_search_and_keeps_the_nearest_scene_so_far(studio, bundle):
    bundle.generator.gate.clear()
    upload(studio.scene.upload, "hill.png", png())
    assert not studio.stop.disabled
    upload(studio.scene.upload, "dale.png", png())
    assert "upload dale.png again" in studio.status.value
    studio.stop.click()
    bundle.generator.gate.set()
    studio.wait(60)
    assert studio.scene.kind.value == "nearest to hill.png" and not studio.run.disabled


@pytest.mark.parametrize(
    ("content", "words"), [(b"no picture", "is no picture"), (png(8), "at least 16 on each side")]
)
def test_a_file_that_is_no_photo_is_told_by_name(studio, content, words):
    upload(studio.scene.upload, "hill.png", content)
    studio.wait(60)
    assert f"hill.png {words}" in studio.status.value or words in studio.status.value
    assert studio.scene.kind.options == (BY_NUMBER,)


def test_the_player_can_be_shown_in_jupyterlab_and_has_a_name(studio):
    state = studio.sounds.player.get_state()
    assert state["tooltip"] == "The start of the sound: rain." and state["description"] == ""
