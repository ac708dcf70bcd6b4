"""Settings of the paper's domains: every bundle has them, every number has a source."""

import dataclasses

import pytest

from sgim.checks import SgimError
from sgim.editing.presets import PLAIN, PRESETS, UNKNOWN, preset_for
from sgim.files.registry import IDENTITY, WEIGHTS_OF_BUNDLES


def test_every_bundle_of_published_weights_has_a_preset():
    assert list(PRESETS) == list(WEIGHTS_OF_BUNDLES)
    assert preset_for("paper-ffhq") is PRESETS["paper-ffhq"]


@pytest.mark.parametrize("name", PRESETS)
def test_every_number_has_a_source(name):
    preset = preset_for(name)
    settings = set(preset.sources) - {"truncation_psi"}
    assert settings == {
        *("num_steps", "learning_rate", "similarity_weight", "identity_weight"),
        *("mask_rate", "ramp_up", "ramp_down"),
    }
    plain = {setting: getattr(PLAIN, setting) for setting in settings}
    assert dataclasses.replace(preset.config, **plain) == PLAIN
    assert preset.sources["truncation_psi"]


@pytest.mark.parametrize("name", PRESETS)
def test_what_is_unknown_is_the_landscapes(name):
    preset, landscapes = preset_for(name), preset_for("paper")
    for setting, source in preset.sources.items():
        if source.startswith(UNKNOWN):
            assert getattr(preset.config, setting) == getattr(landscapes.config, setting)
    assert (UNKNOWN in " ".join(preset.sources.values())) == (name != "paper")


def test_a_weight_on_identity_comes_with_a_recognition_network():
    for name, preset in PRESETS.items():
        assert (preset.config.identity_weight > 0) == (IDENTITY in WEIGHTS_OF_BUNDLES[name])


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(SgimError, match="preset is 'mini'; it must be one of paper, paper-ffhq"):
        preset_for("mini")
