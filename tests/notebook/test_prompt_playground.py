"""The prompt playground without a browser: Run is clicked by hand, edits take two steps."""

import io

import matplotlib.pyplot as plt
import pytest
import torch
from PIL import Image

import sgim
from sgim.checks import SgimError
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.notebook.prompt_playground import PromptPlayground, draw_bars, try_prompt
from sgim.notebook.studio_controls import ERROR
from sgim.seeds import ws_from_seeds
from sgim.world.names import WEATHER_NAMES

QUICK = ManipulateConfig(num_steps=2, learning_rate=0.3, pursuit=False, latent_noise=0.0)


@pytest.fixture(scope="module")
def bundle():
    return sgim.load_bundle("mini", device="cpu")


@pytest.fixture
def panel(bundle):
    return PromptPlayground(bundle, text="heavy rain", scene_seed=2, config=QUICK)


def test_one_call_edits_a_scene_and_reads_its_weather(bundle):
    edit = try_prompt(bundle, "heavy rain", scene_seed=2, config=QUICK)
    source = ws_from_seeds(bundle.generator, [2])
    true = bundle.generator.scene_parameters(edit.result.ws)
    assert torch.equal(edit.result.source_ws, source) and edit.remark == ""
    assert tuple(edit.after) == WEATHER_NAMES
    assert edit.after["rain"] == true["rain"].item()
    assert edit.before["rain"] < 0.05 < edit.rise["rain"]
    rises = list(edit.rise.values())
    assert rises == sorted(rises, reverse=True)


def test_a_word_nobody_knows_is_named_and_not_printed(bundle, recwarn):
    edit = try_prompt(bundle, "heavy rain and zebras", config=QUICK)
    assert "'zebras'" in edit.remark and not recwarn.list


@pytest.mark.parametrize("text", ["zebra", ""])
def test_a_text_without_a_known_word_is_refused(bundle, text):
    with pytest.raises(SgimError, match="text is"):
        try_prompt(bundle, text, config=QUICK)


def test_a_generator_that_cannot_tell_its_weather_is_refused():
    class Other:
        generator = object()

    with pytest.raises(SgimError, match=r'use load_bundle\("mini"\)'):
        try_prompt(Other(), "rain")


def test_the_figure_shows_two_pictures_and_two_bars_per_weather(bundle):
    figure = try_prompt(bundle, "fog", config=QUICK).figure()
    left, middle, right = figure.axes
    assert len(left.images) == len(middle.images) == 1 and "fog" in middle.get_title()
    assert len(right.patches) == 2 * len(WEATHER_NAMES)
    assert not plt.fignum_exists(figure.number)


def test_run_shows_pictures_bars_and_a_sentence(panel):
    scene = panel.picture.value
    assert panel.edit is None and panel.bars.value == ""
    panel.run.click()
    assert panel.picture.value != scene
    assert Image.open(io.BytesIO(panel.picture.value)).size == (128 + 4 + 128, 128)
    assert panel.bars.value == draw_bars(panel.edit.before, panel.edit.after)
    grew = next(iter(panel.edit.rise))
    assert f"{grew} rose by" in panel.status.value and not panel.run.disabled


def test_another_scene_and_another_text_give_another_edit(panel):
    panel.run.click()
    first = panel.edit
    panel.seed.value, panel.text.value = 3, "fire"
    assert panel.bars.value == ""
    panel.run.click()
    assert not torch.equal(first.result.source_ws, panel.edit.result.source_ws)
    assert panel.edit.rise["fire"] > first.rise["fire"]


def test_an_error_is_one_sentence_and_the_last_edit_stays(panel):
    panel.run.click()
    edit, picture = panel.edit, panel.picture.value
    panel.text.value = "<zebra>"
    panel.run.click()
    assert "&lt;zebra&gt;" in panel.status.value and "Traceback" not in panel.status.value
    assert ERROR in panel.status.value
    assert panel.edit is edit and panel.picture.value == picture and not panel.run.disabled


def test_texts_take_the_color_of_the_theme(panel):
    panel.run.click()
    assert "color" not in panel.status.value
    assert "color:var(--jp-ui-font-color1)" in panel.bars.value


def test_the_picture_is_told_and_the_sentence_announced(panel):
    assert "no edit yet" in panel.picture.tooltip
    panel.run.click()
    assert panel.text.value in panel.picture.tooltip
    assert 'role="status"' in panel.status.value


def test_a_bar_is_as_long_as_its_intensity():
    bars = draw_bars({"rain": 0.0}, {"rain": 0.5})
    assert "width:0px" in bars and "width:120px" in bars and "0.50" in bars
