"""Latent optimization with small made-up towers: what moves, what stays, what is refused."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from sgim.checks import SgimError
from sgim.editing.layer_mask import AdaptiveLayerMask
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulation import manipulate
from sgim.editing.presets import PLAIN, preset_for
from sgim.editing.schedules import latent_noise_factor, learning_rate_factor
from sgim.editing.targets import mix_targets


class TinyGenerator(nn.Module):
    """Twelve latent numbers become the pixels of a 4 x 4 picture."""

    num_ws, w_dim, z_dim, img_resolution = 3, 4, 4, 4

    def __init__(self):
        super().__init__()
        weight = torch.randn(12, 48, generator=torch.Generator().manual_seed(0))
        self.register_buffer("weight", weight / 12**0.5)

    def synthesis(self, ws, noise_mode="const"):
        return torch.tanh(ws.flatten(1) @ self.weight).view(-1, 3, 4, 4)


@dataclasses.dataclass
class TinyBundle:
    """Pixels are the embedding; texts and sounds are looked up."""

    generator: TinyGenerator
    device: torch.device = torch.device("cpu")
    identity: object = None

    def encode_image(self, images):
        return F.normalize(images.flatten(1), dim=-1)

    def encode_text(self, texts):
        seeds = [sum(map(ord, text)) for text in texts]
        return self._random(seeds)

    def encode_audio(self, sound, sample_rate=None):
        return self._random([len(str(sound))])

    def _random(self, seeds):
        rows = [torch.randn(48, generator=torch.Generator().manual_seed(s)) for s in seeds]
        return F.normalize(torch.stack(rows), dim=-1)


@pytest.fixture
def bundle():
    return TinyBundle(TinyGenerator())


@pytest.fixture
def source():
    return torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(3))


QUICK = dataclasses.replace(PLAIN, learning_rate=0.1)


def test_an_edit_comes_closer_to_its_target(bundle, source):
    result = manipulate(bundle, source, text="rain", config=QUICK)
    assert result.history["guidance"][-1] < result.history["guidance"][0] - 0.1
    assert result.images.shape == (2, 3, 4, 4)
    assert result.trajectory.shape == (31, 2, 3, 4)
    assert torch.equal(result.trajectory[0], source)
    assert torch.equal(result.trajectory[-1], result.ws)
    assert result.seconds > 0 and not result.stopped_early


def test_the_source_is_left_alone(bundle, source):
    before = source.clone()
    manipulate(bundle, source, text="rain", config=QUICK)
    assert torch.equal(source, before)


def test_two_targets_give_two_edits(bundle, source):
    rain = manipulate(bundle, source, text="rain", config=QUICK)
    fire = manipulate(bundle, source, sound="fire.wav", config=QUICK)
    assert (rain.images - fire.images).abs().mean() > 0.05


def test_the_same_seed_gives_the_same_edit_and_a_single_latent_is_a_batch_of_one(bundle, source):
    config = dataclasses.replace(QUICK, latent_noise=0.5)
    first = manipulate(bundle, source[0], text="rain", config=config)
    second = manipulate(bundle, source[:1], text="rain", config=config)
    assert torch.equal(first.ws, second.ws)


def test_a_larger_similarity_weight_keeps_the_latent_nearer(bundle, source):
    drifts = []
    for weight in (0.0, 0.02, 0.2):
        config = dataclasses.replace(QUICK, similarity_weight=weight)
        result = manipulate(bundle, source, text="rain", config=config)
        drifts.append((result.ws - source).norm().item())
    assert drifts[0] > drifts[1] > drifts[2]


def test_the_total_is_the_weighted_sum_of_its_terms(bundle, source):
    bundle.identity = bundle.encode_image
    config = dataclasses.replace(QUICK, similarity_weight=0.01, identity_weight=0.3)
    history = manipulate(bundle, source, text="rain", config=config).history
    terms = zip(history["guidance"], history["similarity"], history["identity"], strict=True)
    expected = [guidance + 0.01 * near + 0.3 * who for guidance, near, who in terms]
    assert history["total"] == pytest.approx(expected, rel=1e-4)


def test_an_edit_sets_out_from_the_starting_point_nearest_to_its_target(bundle, source):
    other = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(9))
    bundle.generator.starting_points = lambda ws: torch.stack([ws, other])
    target = bundle.encode_text(["rain"])
    near = [
        1 - (bundle.encode_image(bundle.generator.synthesis(ws)) @ target.T)[:, 0]
        for ws in (source, other)
    ]
    config = dataclasses.replace(QUICK, start="proposals")
    result = manipulate(bundle, source, text="rain", config=config)
    expected = torch.where((near[1] < near[0])[:, None, None], other, source)
    assert torch.equal(result.trajectory[0], expected)
    assert torch.equal(result.source_ws, source)
    still = manipulate(bundle, source, text="rain", config=QUICK)
    assert torch.equal(still.trajectory[0], source)


@pytest.mark.parametrize("layers", [(1,), range(1, 3), [2, 0, 2]])
def test_only_the_layers_that_are_named_move(bundle, source, layers):
    bundle.generator.starting_points = lambda ws: torch.stack([ws + 1, ws - 1])
    moving = {"start": "proposals", "latent_noise": 0.1}
    config = dataclasses.replace(QUICK, layers=layers, num_steps=5, **moving)
    steps = []
    result = manipulate(bundle, source, text="rain", config=config, callback=steps.append)
    assert config.layers == tuple(sorted(set(layers)))
    for row in range(3):
        still = [torch.equal(ws[:, row], source[:, row]) for ws in result.trajectory]
        assert still == [row not in layers] * 6
    assert result.history["guidance"][-1] < result.history["guidance"][0]


def test_naming_all_layers_is_the_same_as_naming_none(bundle, source):
    free = manipulate(bundle, source, text="rain", config=QUICK)
    named = dataclasses.replace(QUICK, layers=range(3))
    assert torch.equal(manipulate(bundle, source, text="rain", config=named).ws, free.ws)


def test_layers_that_the_generator_has_not_are_refused(bundle, source):
    config = dataclasses.replace(QUICK, layers=(0, 7))
    with pytest.raises(SgimError, match="layers name row 7; .* rows 0 to 2"):
        manipulate(bundle, source, text="rain", config=config)


def test_a_callback_sees_every_step_and_can_stop(bundle, source):
    seen = []

    def stop_after_five(step):
        seen.append((step.index, step.images.shape, step.losses["guidance"]))
        return step.index == 4

    result = manipulate(bundle, source, text="rain", config=QUICK, callback=stop_after_five)
    assert [index for index, _, _ in seen] == [0, 1, 2, 3, 4]
    assert result.stopped_early and len(result.history["total"]) == 5


def test_patience_ends_an_edit_that_no_longer_improves(bundle, source):
    config = dataclasses.replace(QUICK, num_steps=500, patience=10, similarity_weight=0.0)
    result = manipulate(bundle, source, text="rain", config=config)
    assert result.stopped_early and len(result.history["total"]) < 500


def test_the_mask_follows_its_rule_for_any_number_of_layers():
    for num_ws in (1, 14, 18):
        mask = AdaptiveLayerMask(1, num_ws, 0.1, torch.device("cpu"))
        source, moved = torch.zeros(1, num_ws, 2), torch.full((1, num_ws, 2), 0.5)
        loss = torch.sigmoid(torch.tensor(1.0)) * 0.5
        mask.update(moved, source)
        expected = torch.sigmoid(1 - 0.1 * loss * (1 - loss))
        assert torch.allclose(mask.weights, expected.expand(1, num_ws))


def test_layers_that_stay_keep_their_mask_and_layers_that_begin_to_move_are_freed():
    mask = AdaptiveLayerMask(1, 2, 0.1, torch.device("cpu"))
    start = mask.weights.clone()
    mask.update(torch.tensor([[[0.0], [0.8]]]), torch.zeros(1, 2, 1))
    assert mask.weights[0, 0] == start[0, 0]
    assert mask.weights[0, 1] < start[0, 1]


def test_the_learning_rate_rises_stays_and_falls():
    factors = [learning_rate_factor(step, 100, 0.05, 0.25) for step in range(100)]
    assert factors[0] < factors[3] < factors[10] == factors[60] == 1.0
    assert 0 < factors[-1] < factors[85] < 1


def test_the_noise_fades_to_nothing_at_three_quarters():
    assert latent_noise_factor(0, 60) == 1.0
    assert latent_noise_factor(45, 60) == latent_noise_factor(59, 60) == 0.0


def test_mixing_weighs_sounds_and_texts(bundle):
    text, sound = bundle.encode_text(["rain"]), bundle.encode_audio("a.wav")
    mixed = mix_targets(bundle, sound=[("a.wav", 3.0)], text="rain")
    assert torch.allclose(mixed, F.normalize(3 * sound + text, dim=-1), atol=1e-6)
    several = mix_targets(bundle, sound=["a.wav", ("bb.wav", 0.0)])
    assert torch.allclose(several, sound, atol=1e-6)


WAVE = torch.linspace(-1, 1, 100)


def test_sounds_and_texts_come_alone_or_in_lists_or_tuples(bundle):
    heard = []
    bundle.encode_audio = lambda *sound: heard.append(sound) or bundle.encode_text(["rain"])
    two = mix_targets(bundle, text=["heavy rain", "thick fog"])
    assert torch.equal(mix_targets(bundle, text=("heavy rain", "thick fog")), two)
    assert torch.equal(mix_targets(bundle, text=("fog",)), mix_targets(bundle, text="fog"))
    assert torch.allclose(mix_targets(bundle, text=("fog", 2.0)), mix_targets(bundle, text="fog"))
    for sound, expected in (
        (("a.wav", "b.wav"), [("a.wav",), ("b.wav",)]),
        (("a.wav", 0.5), [("a.wav",)]),
        ((WAVE, 16_000), [(WAVE, 16_000)]),
        ((16_000, WAVE), [(WAVE, 16_000)]),
        ([(16_000, WAVE.numpy()), Path("a.wav")], [(WAVE.numpy(), 16_000), (Path("a.wav"),)]),
        (((WAVE, 16_000), (WAVE, 8_000)), [(WAVE, 16_000), (WAVE, 8_000)]),
        (((WAVE, 16_000), 0.5), [(WAVE, 16_000)]),
        ([((16_000, WAVE), np.float32(0.5))], [(WAVE, 16_000)]),
    ):
        heard.clear()
        mix_targets(bundle, sound=sound)
        assert [len(one) for one in heard] == [len(one) for one in expected]
        for one, other in zip(heard, expected, strict=True):
            assert all(np.array_equal(*pair) for pair in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"text": [("fog", None)]}, "a target's weight is None; weights are numbers from 0 up"),
        ({"text": [("fog", True)]}, "a target's weight is True"),
        ({"text": [("fog", float("nan"))]}, "a target's weight is nan"),
        ({"text": [("fog", 1e39)]}, "a target's weight is 1e.39"),
        ({"text": [("fog", "thick")]}, "a text is .'fog', 'thick'.; it must be a string"),
        ({"text": 5}, "a text is 5; it must be a string with words"),
        ({"text": b"fog"}, "a text is b'fog'"),
        ({"text": {"fog": 1}}, "a text is {'fog': 1}"),
        ({"text": [None]}, "a text is None"),
        ({"sound": 5}, "a sound is 5; it must be a path or .waveform, sample_rate."),
        ({"sound": (5, 6)}, "a sound is .5, 6.; it must be .waveform, sample_rate."),
        ({"sound": [None]}, "a sound is None"),
        ({"sound": [["a.wav"]]}, r"a sound is \['a.wav'\]"),
        ({"sound": [(WAVE, 16_000, 3)]}, "a sound is a tuple of 3"),
        ({"sound": [("a.wav", "loud")]}, "it must be .waveform, sample_rate."),
    ],
)
def test_what_is_no_sound_or_text_gets_one_sentence(bundle, source, arguments, message):
    with pytest.raises(SgimError, match=message) as error:
        manipulate(bundle, source, **arguments)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "sound and text are both empty.*pass one"),
        ({"text": [("rain", -1.0)]}, "weight is -1.0.*from 0 up"),
        ({"text": [("rain", 0.0)]}, "all targets have weight 0"),
    ],
)
def test_an_edit_without_a_usable_target_is_refused(bundle, source, arguments, message):
    with pytest.raises(SgimError, match=message):
        manipulate(bundle, source, **arguments)


def test_latents_of_another_generator_are_refused(bundle):
    with pytest.raises(SgimError, match=r"\(1, 14, 512\).*\(batch, 3, 4\)"):
        manipulate(bundle, torch.zeros(1, 14, 512), text="rain")
    with pytest.raises(SgimError, match="list.*tensor"):
        manipulate(bundle, [1, 2], text="rain")


def test_latents_that_are_not_finite_are_refused_and_not_followed(bundle, source):
    source[1, 0, 2] = float("nan")
    with pytest.raises(SgimError, match="source_ws: 1 of 24 values are not finite"):
        manipulate(bundle, source, text="rain")


def test_an_edit_that_runs_into_numbers_that_are_not_finite_is_ended(bundle, source):
    bundle.encode_image = lambda images: images.flatten(1) * float("inf")
    with pytest.raises(SgimError, match="the loss at step 0: .*set out from another latent"):
        manipulate(bundle, source, text="rain", config=QUICK)
    bundle.encode_image = lambda images: images.flatten(1).sqrt()[:, :48] * 0 + source.new_ones(48)
    bundle.generator.synthesis = lambda ws, noise_mode="const": (0 * ws).sqrt().repeat(1, 4, 1)
    with pytest.raises(SgimError, match="the latent after step 0: .* not finite; set out"):
        manipulate(bundle, source, text="rain", config=QUICK)


def test_a_whole_preset_and_a_dict_are_settings(bundle, source):
    preset = preset_for("paper-church")
    callback = lambda step: step.index == 1  # noqa: E731
    edit = manipulate(bundle, source, text="rain", config=preset, callback=callback)
    assert edit.config is preset.config
    edit = manipulate(bundle, source, text="rain", config={"num_steps": 2})
    assert edit.config == ManipulateConfig(num_steps=2)
    with pytest.raises(SgimError, match="'num_step' is no setting .* the nearest is num_steps"):
        manipulate(bundle, source, text="rain", config={"num_step": 2})


def test_an_identity_weight_needs_a_recognition_network(bundle, source):
    with pytest.raises(SgimError, match="no recognition network"):
        manipulate(bundle, source, text="rain", config=ManipulateConfig(identity_weight=0.1))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"num_steps": 0}, "num_steps is 0"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
        ({"similarity_weight": -1.0}, "similarity_weight is -1.0"),
        ({"ramp_up": 2.0}, "ramp_up is 2.0"),
        ({"patience": 0}, "patience is 0"),
        ({"layers": ()}, r"layers is \(\); it names rows of the latent"),
        ({"layers": "4-8"}, "layers is '4-8'.*pass range"),
        ({"layers": 4}, "layers is 4;"),
        ({"layers": (-1, 2)}, r"layers is \(-1, 2\)"),
        ({"layers": (True, 2)}, "layers is "),
    ],
)
def test_settings_out_of_range_are_refused(setting, message):
    with pytest.raises(SgimError, match=message):
        ManipulateConfig(**setting)


def test_an_edit_follows_what_the_prior_expects_unless_it_is_told_not_to(bundle, source):
    bundle.prior = lambda features: features.roll(1, dims=1)
    config = dataclasses.replace(QUICK, num_steps=1)
    heard = bundle.encode_text(["rain"])
    seen = manipulate(bundle, source, text="rain", config=config).history["guidance"]
    for target, expected in (("image", heard.roll(1, dims=1)), ("direct", heard)):
        asked = dataclasses.replace(config, target=target)
        edit = manipulate(bundle, source, text="rain", config=asked)
        cosine = bundle.encode_image(edit.source_images) @ expected.T
        assert edit.history["guidance"][0] == pytest.approx(1 - cosine.mean().item(), abs=1e-5)
        assert (edit.history["guidance"] == seen) == (target == "direct")


def test_an_image_target_needs_a_prior(bundle, source):
    config = dataclasses.replace(QUICK, target="image")
    with pytest.raises(SgimError, match='target is "image" but the bundle has no prior'):
        manipulate(bundle, source, text="rain", config=config)
    with pytest.raises(SgimError, match="target is 'picture'"):
        ManipulateConfig(target="picture")
    with pytest.raises(SgimError, match="step_scale is 'row'"):
        ManipulateConfig(step_scale="row")
