"""The Studio without a browser: buttons are clicked by hand, the bundle is tiny."""

import dataclasses
import io
import threading

import ipywidgets as widgets
import pytest
import torch
from PIL import Image
from studio_fixtures import QUICK, TinyBundle, TinyGenerator

from sgim.checks import SgimError
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.notebook.studio import Studio
from sgim.notebook.studio_job import NAME
from sgim.notebook.studio_sound import NO_SOUND


@pytest.fixture
def bundle():
    return TinyBundle(TinyGenerator())


@pytest.fixture
def studio(bundle):
    studio = Studio(bundle, config=QUICK, update_every=1)
    yield studio
    studio.close()
    bundle.generator.gate.set()
    studio.wait(60)


def jobs():
    return [thread for thread in threading.enumerate() if thread.name == NAME]


def all_widgets(box):
    for one in box.children:
        yield one
        if isinstance(one, widgets.Box):
            yield from all_widgets(one)


def test_run_edits_the_scene_and_shows_it(studio):
    empty = studio.view.curves.value
    assert studio.view.wipe.before and not studio.view.wipe.after
    studio.run.click()
    studio.wait(60)
    assert len(studio.result.history["total"]) == 6
    assert Image.open(io.BytesIO(studio.view.wipe.after)).size == (16, 16)
    assert studio.view.wipe.after != studio.view.wipe.before
    assert studio.view.curves.value != empty
    assert "Done after 6 of 6 steps" in studio.status.value
    assert not studio.run.disabled and studio.stop.disabled


def test_picture_and_curves_are_renewed_while_the_edit_runs(studio):
    pictures, curves = [], []
    studio.view.wipe.observe(lambda change: pictures.append(change["new"]), names="after")
    studio.view.curves.observe(lambda change: curves.append(change["new"]), names="value")
    studio.edit()
    assert len(set(pictures)) >= 4 and len(set(curves)) >= 4


def test_stop_ends_the_edit_after_the_step_and_keeps_what_there_is(studio, bundle):
    studio.sliders.num_steps.value = 200
    studio.run.click()
    bundle.generator.gate.clear()
    assert studio.run.disabled and not studio.stop.disabled
    studio.stop.click()
    bundle.generator.gate.set()
    studio.wait(60)
    assert studio.made.result.stopped_early
    assert "of 200 steps" in studio.status.value and "Stopped" in studio.status.value
    assert len(studio.made.result.history["total"]) < 200 and not jobs()


def test_a_stop_before_the_run_does_not_count(studio):
    studio.stop.click()
    assert not studio.edit().stopped_early


def held(studio, bundle):
    """The edit runs and waits at the gate for its first picture."""
    reached, work = threading.Event(), bundle.encode_image

    def encode_image(images):
        if not reached.is_set():
            bundle.generator.gate.clear()
            reached.set()
        return work(images)

    bundle.encode_image = encode_image
    studio.run.click()
    assert reached.wait(60)


def test_a_second_run_is_not_heard_while_the_first_runs(studio, bundle):
    held(studio, bundle)
    studio.run.click()
    studio.start()
    assert len(jobs()) == 1
    with pytest.raises(SgimError, match="an edit runs"):
        studio.edit()
    bundle.generator.gate.set()
    studio.wait(60)
    assert len(studio.made.result.history["total"]) == 6


def test_reset_forgets_the_run_and_shows_the_first_scene(studio, bundle):
    first = studio.view.wipe.before
    studio.scene.seed.value, studio.sounds.text.value = 7, "fog"
    assert studio.view.wipe.before != first
    held(studio, bundle)
    threading.Timer(0.2, bundle.generator.gate.set).start()
    studio.reset.click()
    studio.wait(60)
    assert studio.made is None and not studio.view.wipe.after and not studio.view.wipe.ghost
    assert studio.view.wipe.before == first
    assert (studio.scene.seed.value, studio.sounds.text.value) == (1, "")
    assert not studio.run.disabled and "press Run" in studio.status.value and not jobs()


def test_after_a_reset_a_run_starts_at_once(studio, bundle):
    studio.sliders.num_steps.value = 200
    held(studio, bundle)
    bundle.generator.gate.set()
    studio.reset.click()
    assert len(studio.edit().history["total"]) == 6 and not jobs()


def test_a_new_studio_ends_the_edit_of_the_one_before(studio, bundle):
    studio.sliders.num_steps.value = 200
    held(studio, bundle)
    bundle.generator.gate.set()
    Studio(bundle, config=QUICK)
    studio.wait(60)
    assert studio.made.result.stopped_early and not jobs()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("???", "none of its &lt;words&gt; is known: write others."), ("", "choose or write one.")],
)
def test_a_refused_edit_is_one_sentence_and_leaves_no_stale_picture(studio, text, sentence):
    studio.edit()
    studio.sounds.sound.value, studio.sounds.text.value = NO_SOUND, text
    studio.run.click()
    studio.wait(60)
    assert sentence in studio.status.value and "Traceback" not in studio.status.value
    assert studio.made is None and not studio.view.wipe.after and studio.view.wipe.ghost
    assert not studio.run.disabled and not jobs()


def test_an_error_nobody_foresaw_leaves_the_studio_usable(studio, bundle, monkeypatch):
    reported = []
    monkeypatch.setattr(threading, "excepthook", lambda hook: reported.append(hook.exc_type))
    monkeypatch.setattr(bundle, "encode_image", lambda images: images.no_such_thing, raising=False)
    studio.run.click()
    studio.wait(60)
    assert reported == [AttributeError]
    assert "broke off" in studio.status.value and not studio.run.disabled


def test_the_controls_are_the_order(studio):
    studio.sliders.similarity_weight.value = 0.05
    studio.sliders.learning_rate.value = 0.02
    studio.sliders.num_steps.value = 3
    studio.sliders.mask.value, studio.sliders.pursuit.value = False, True
    studio.sliders.layers.value = (1,)
    expected = dataclasses.replace(
        QUICK,
        similarity_weight=0.05,
        learning_rate=0.02,
        num_steps=3,
        adaptive_layer_mask=False,
        pursuit=True,
        layers=(1,),
    )
    assert studio.order().config == expected
    studio.sliders.layers.value = ()
    assert studio.order().config.layers is None


def test_settings_between_the_slider_s_values_are_kept(bundle):
    config = ManipulateConfig(similarity_weight=0.0123, learning_rate=0.033, num_steps=300)
    assert Studio(bundle, config=config).order().config == config


def test_the_mix_counts_only_between_a_sound_and_a_text(studio):
    studio.sounds.mix.value = 0.25
    assert studio.order().sound_weight == 1.0 and studio.order().in_words() == "rain"
    studio.sounds.text.value = "heavy snow"
    order = studio.order()
    assert (order.sound_weight, order.text_weight) == (0.25, 0.75)
    studio.sounds.sound.value = NO_SOUND
    order = studio.order()
    assert (order.sound, order.text_weight, order.in_words()) == (None, 1.0, "heavy snow")


def test_the_step_slider_shows_the_way(studio):
    studio.edit()
    end = studio.view.wipe.after
    assert studio.step.max == studio.step.value == 6
    studio.step.value = 0
    studio.wait(60)
    assert studio.view.wipe.after == studio.view.wipe.before
    studio.step.value = 6
    studio.wait(60)
    assert studio.view.wipe.after == end


def test_strength_makes_the_edit_weaker_without_a_new_run(studio, bundle):
    studio.edit()
    studio.strength.value = 0
    studio.wait(60)
    assert studio.view.wipe.after == studio.view.wipe.before
    assert torch.allclose(studio.result.images, studio.result.source_images)


def test_the_last_edit_stays_beside_the_new_one(studio):
    studio.edit()
    first = studio.view.wipe.after
    assert "stroke-dasharray" in studio.view.curves.value and not studio.view.wipe.ghost
    studio.edit(learning_rate=0.2, text="heavy snow")
    assert studio.view.wipe.ghost == first != studio.view.wipe.after


def test_another_scene_number_shows_another_scene(studio):
    before = studio.view.wipe.before
    studio.scene.seed.value = 2
    assert studio.view.wipe.before != before


def test_identity_waits_for_a_recognition_network(studio, bundle):
    assert studio.sliders.identity_weight.disabled
    bundle.identity = bundle.encode_image
    assert not Studio(bundle).sliders.identity_weight.disabled


def test_edit_names_choices_that_the_controls_have_not(studio):
    with pytest.raises(SgimError, match="'color' is no control; they are sound"):
        studio.edit(color="red")
    with pytest.raises(SgimError, match="sound is 'xylophone'; the control does not take it"):
        studio.edit(sound="xylophone")
    with pytest.raises(SgimError, match="none of its <words> is known"):
        studio.edit(text="???")


def test_every_control_has_a_label(studio):
    inputs = (widgets.Text, widgets.Textarea, widgets.Checkbox, widgets.Button, widgets.FileUpload)
    numbers = (widgets.FloatSlider, widgets.IntSlider, widgets.SelectionSlider)
    lists = (widgets.Dropdown, widgets.SelectMultiple, widgets.BoundedIntText)
    found = [one for one in all_widgets(studio) if isinstance(one, (*inputs, *numbers, *lists))]
    assert len(found) >= 20
    assert all(len(one.description) >= 3 for one in found)


def test_a_page_without_a_kernel_shows_the_scene_in_words_too(studio):
    shown = studio._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in shown
    assert (
        "data:image/jpeg;base64," in shown["text/html"] and 'alt="The scene' in shown["text/html"]
    )


def test_a_bundle_s_own_settings_are_where_the_sliders_stand(bundle):
    assert Studio(bundle, bundle_name="paper-ffhq").order().config.similarity_weight == 0.008
