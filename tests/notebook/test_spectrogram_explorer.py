"""A spectrogram to play with."""

import io

import pytest
import torch
from PIL import Image

from sgim.checks import SgimError
from sgim.media.log_mel import LogMelConfig
from sgim.notebook.plots import plot_log_mel
from sgim.notebook.spectrogram_explorer import SpectrogramExplorer, describe_front_end

RATE = 16_000


def tone(hertz, seconds=0.5, rate=RATE):
    return torch.sin(2 * torch.pi * hertz * torch.arange(round(seconds * rate)) / rate)


@pytest.fixture
def explorer():
    return SpectrogramExplorer({"low": (tone(300), RATE), "high": (tone(3000), RATE)})


def test_it_begins_with_the_front_end_of_the_mini_world(explorer):
    assert explorer.settings() == LogMelConfig()
    assert Image.open(io.BytesIO(explorer.picture.value)).width > 300


def test_another_sound_changes_the_picture_and_the_player(explorer):
    before = explorer.picture.value, explorer.player.value
    explorer.sound.value = "high"
    assert explorer.picture.value != before[0] and explorer.player.value != before[1]


@pytest.mark.parametrize(
    ("name", "value"), [("n_fft", 2048), ("hop_length", 640), ("n_mels", 16), ("top_db", 20)]
)
def test_each_slider_changes_its_setting_and_the_picture(explorer, name, value):
    before = explorer.picture.value
    getattr(explorer, name).value = value
    assert getattr(explorer.settings(), name) == value
    assert explorer.picture.value != before


def test_empty_bands_are_told_and_warn_nobody(explorer, recwarn):
    assert "All 64 bands" in explorer.note.value
    explorer.n_mels.value = 256
    assert "of 256 bands hold no bin" in explorer.note.value
    assert not recwarn.list


def test_sounds_of_another_rate_are_heard_at_16_khz_and_at_most_5_s():
    explorer = SpectrogramExplorer({"long": (tone(300, 7.0, 8000), 8000)})
    assert explorer.waveform().shape == (5 * RATE,)


def test_the_shortest_sound_fits_the_longest_frame():
    explorer = SpectrogramExplorer({"short": (tone(300, 0.1), RATE)})
    explorer.n_fft.value = max(explorer.n_fft.options)
    assert explorer.settings().n_fft == 2048


def test_it_wants_a_sound():
    with pytest.raises(SgimError, match="sounds is empty"):
        SpectrogramExplorer({})


def test_the_note_tells_times_and_widths_in_units():
    note = describe_front_end(LogMelConfig(n_fft=1024, hop_length=320))
    assert "64 ms" in note and "20 ms later" in note and "15.6 Hz" in note


def test_the_plain_call_draws_the_settings_it_is_given():
    config = LogMelConfig(n_mels=16, top_db=20.0)
    image = plot_log_mel(tone(300), RATE, config=config).axes[0].images[0]
    assert image.get_size()[0] == 16 and image.get_clim() == (-20, 0)
    with pytest.raises(SgimError, match="sample_rate is 16000 and sample_rate 8000"):
        plot_log_mel(tone(300), 8000, config=config)
