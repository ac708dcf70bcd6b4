"""The panel without a browser: buttons are clicked by hand, the bundle is tiny."""

import dataclasses
import io
import threading

import pytest
import soundfile
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

from sgim.checks import SgimError
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.presets import PLAIN
from sgim.notebook.manipulate_controls import NO_SOUND
from sgim.notebook.manipulate_panel import ManipulatePanel


class TinyGenerator(nn.Module):
    """Six latent numbers become an 8 x 8 picture; `gate` can hold the painting up."""

    num_ws, w_dim, z_dim, img_resolution = 2, 3, 6, 8

    def __init__(self):
        super().__init__()
        weight = torch.randn(6, 192, generator=torch.Generator().manual_seed(0))
        self.register_buffer("weight", weight / 6**0.5)
        self.gate = threading.Event()
        self.gate.set()
        self.paintings = 0

    def mapping(self, z, truncation_psi=1.0):
        return truncation_psi * z.view(-1, 2, 3)

    def synthesis(self, ws, noise_mode="const"):
        assert self.gate.wait(60)
        self.paintings += 1
        return torch.tanh(ws.flatten(1) @ self.weight).view(-1, 3, 8, 8)


@dataclasses.dataclass
class TinyBundle:
    """Pixels are the embedding; "???" is a text that it does not know."""

    generator: TinyGenerator
    device: torch.device = torch.device("cpu")
    identity: object = None

    def encode_image(self, images):
        return F.normalize(images.flatten(1), dim=-1)

    def encode_text(self, texts):
        if "???" in texts:
            raise SgimError("text is '???'; none of its <words> is known: write others.")
        return self._direction(1)

    def encode_audio(self, sound, sample_rate=None):
        return self._direction(2)

    def _direction(self, seed):
        row = torch.randn(1, 192, generator=torch.Generator().manual_seed(seed))
        return F.normalize(row, dim=-1)


QUICK = dataclasses.replace(PLAIN, num_steps=6, learning_rate=0.1)


@pytest.fixture
def bundle():
    return TinyBundle(TinyGenerator())


@pytest.fixture
def panel(bundle):
    return ManipulatePanel(bundle, config=QUICK, update_every=1)


def opened(widget):
    return Image.open(io.BytesIO(widget.value))


def test_run_edits_the_scene_and_shows_it(panel):
    before, empty_curves = panel.picture.value, panel.curves.value
    panel.run.click()
    panel.wait(60)
    assert len(panel.result.history["total"]) == 6
    assert panel.picture.value != before and panel.curves.value != empty_curves
    assert opened(panel.picture).size == (8 + 4 + 8, 8)
    assert "Done after 6 of 6 steps" in panel.status.value
    assert not panel.run.disabled and panel.stop.disabled


def test_the_picture_is_renewed_while_the_edit_runs(panel):
    seen = []
    panel.picture.observe(lambda change: seen.append(change["new"]), names="value")
    panel.run.click()
    panel.wait(60)
    assert len(set(seen)) >= 4


def test_stop_ends_the_edit_and_keeps_what_there_is(panel, bundle):
    panel.num_steps.value = 200
    bundle.generator.gate.clear()
    panel.run.click()
    assert panel.run.disabled and not panel.stop.disabled
    panel.stop.click()
    bundle.generator.gate.set()
    panel.wait(60)
    assert panel.result.stopped_early and len(panel.result.history["total"]) == 1
    assert "Stopped after 1 of 200 steps" in panel.status.value


def test_after_a_stop_the_panel_runs_again(panel):
    panel.stop.click()
    panel.run.click()
    panel.wait(60)
    assert not panel.result.stopped_early


def test_a_second_run_waits_for_the_first(panel, bundle):
    bundle.generator.gate.clear()
    panel.run.click()
    panel.run.click()
    panel.seed.value = 7
    bundle.generator.gate.set()
    panel.wait(60)
    assert bundle.generator.paintings == 1 + 1 + 1 + 6 + 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("???", "none of its &lt;words&gt; is known: write others."), ("", "pass one.")],
)
def test_an_error_is_one_sentence_in_the_panel(panel, text, sentence):
    panel.sound.value, panel.text.value = NO_SOUND, text
    panel.run.click()
    panel.wait(60)
    assert sentence in panel.status.value and "Traceback" not in panel.status.value
    assert panel.result is None and not panel.run.disabled


def test_an_error_nobody_foresaw_leaves_the_panel_usable(panel, bundle, monkeypatch):
    reported = []
    monkeypatch.setattr(threading, "excepthook", lambda hook: reported.append(hook.exc_type))
    monkeypatch.setattr(bundle, "encode_image", lambda images: images.no_such_thing, raising=False)
    panel.run.click()
    panel.wait(60)
    assert reported == [AttributeError]
    assert "broke off" in panel.status.value and not panel.run.disabled


def test_the_sliders_are_the_settings(panel):
    panel.similarity_weight.value = 0.05
    panel.learning_rate.value = 0.02
    panel.num_steps.value = 3
    panel.mask.value = False
    expected = dataclasses.replace(
        QUICK, similarity_weight=0.05, learning_rate=0.02, num_steps=3, adaptive_layer_mask=False
    )
    assert panel.settings() == expected


def test_a_setting_between_the_slider_s_values_is_kept(bundle):
    config = ManipulateConfig(similarity_weight=0.0123, learning_rate=0.033, num_steps=300)
    assert ManipulatePanel(bundle, config=config).settings() == config


def test_the_mix_counts_only_between_a_sound_and_a_text(panel):
    panel.mix.value = 0.25
    ((_, sound_weight),) = panel.targets()["sound"]
    assert sound_weight == 1.0 and "text" not in panel.targets()
    panel.text.value = "heavy snow"
    ((_, sound_weight),) = panel.targets()["sound"]
    assert (sound_weight, panel.targets()["text"]) == (0.25, [("heavy snow", 0.75)])
    panel.sound.value = NO_SOUND
    assert panel.targets() == {"text": [("heavy snow", 1.0)]}


def test_own_sounds_join_the_list_and_have_no_strength(bundle):
    own = (torch.linspace(-0.5, 0.5, 4000), 8_000)
    panel = ManipulatePanel(bundle, own_sounds={"my kettle": own})
    panel.sound.value = "my kettle"
    assert panel.strength.disabled
    assert panel.targets()["sound"] == [(own, 1.0)]
    panel.sound.value = "rain"
    assert not panel.strength.disabled


def test_listen_gives_the_player_the_chosen_sound(bundle):
    own = {"kettle": (torch.linspace(-0.5, 0.5, 4000), 8_000), "lost": "no_such_file.wav"}
    panel = ManipulatePanel(bundle, own_sounds=own)
    assert panel.player.value == b"", "a stored notebook would hold it"
    panel.listen.click()
    loud = panel.player.value
    panel.strength.value = 0.3
    assert panel.player.value == b""
    panel.listen.click()
    assert len(panel.player.value) == len(loud) and panel.player.value != loud
    panel.sound.value = "kettle"
    panel.listen.click()
    assert soundfile.info(io.BytesIO(panel.player.value)).duration == 0.5
    assert panel.player.tooltip == "The start of the sound: kettle."
    panel.sound.value = "lost"
    panel.listen.click()
    assert panel.player.value == b""
    panel.sound.value = NO_SOUND
    assert panel.listen.disabled


def test_a_refused_edit_takes_the_picture_of_the_last_one_away(panel):
    fresh = panel.picture.value, panel.curves.value
    panel.run.click()
    panel.wait(60)
    panel.sound.value, panel.text.value = NO_SOUND, "???"
    panel.run.click()
    assert (panel.picture.value, panel.curves.value) == fresh


def test_identity_waits_for_a_recognition_network(panel, bundle):
    assert panel.identity_weight.disabled
    bundle.identity = bundle.encode_image
    assert not ManipulatePanel(bundle).identity_weight.disabled


def test_another_scene_number_shows_another_scene(panel):
    before = panel.picture.value
    panel.seed.value = 2
    assert panel.picture.value != before
