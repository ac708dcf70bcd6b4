"""Settings: each field holds what it is declared to hold, however the settings are given."""

import dataclasses

import numpy as np
import pytest
import torch

from sgim.checks import SgimError
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.presets import preset_for
from sgim.editing.project_config import FROM_THE_MEAN, ProjectConfig
from sgim.editing.settings import as_settings

CONFIGS = (ManipulateConfig, ProjectConfig)
FIELDS = [(config, field) for config in CONFIGS for field in dataclasses.fields(config)]
NEVER = (
    "5",
    [1],
    1j,
    float("nan"),
    float("inf"),
    -float("inf"),
    torch.tensor([1.0, 2.0]),
    {},
    b"1",
)


@pytest.mark.parametrize(("config", "field"), FIELDS, ids=lambda one: getattr(one, "name", ""))
def test_no_field_takes_what_is_of_another_kind_or_not_finite(config, field):
    for value in (*NEVER, *([] if field.default is None else [None])):
        if (field.name, value) == ("layers", [1]) or (field.type is str and value == "5"):
            continue
        with pytest.raises(SgimError, match=rf"^{field.name} is ") as error:
            config(**{field.name: value})
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(("config", "field"), FIELDS, ids=lambda one: getattr(one, "name", ""))
def test_switches_are_no_numbers_and_numbers_no_switches(config, field):
    value = 1 if field.type is bool else True
    with pytest.raises(SgimError, match=rf"^{field.name} is "):
        config(**{field.name: value})


@pytest.mark.parametrize(
    ("config", "settings", "sentence"),
    [
        (ManipulateConfig, {"num_steps": 2.5}, "num_steps is 2.5; it must be a whole number"),
        (ManipulateConfig, {"num_steps": 5.0}, "num_steps is 5.0; it must be a whole number"),
        (ManipulateConfig, {"seed": None}, "seed is None; it must be a whole number: the default"),
        (ManipulateConfig, {"seed": 2**64}, "it must lie between -2..63 and 2..64 - 1"),
        (ManipulateConfig, {"patience": 2.5}, "it must be a whole number or None"),
        (ProjectConfig, {"seed": -(2**63) - 1}, "it must lie between"),
        (ProjectConfig, {"num_starts": 10**9}, "do not fit into memory"),
        (ProjectConfig, {"perceptual": 3}, "perceptual is 3; it must be a word"),
    ],
)
def test_what_does_not_fit_is_told_with_the_rule(config, settings, sentence):
    with pytest.raises(SgimError, match=sentence):
        config(**settings)


def test_numbers_of_numpy_become_numbers_of_python():
    config = ManipulateConfig(
        num_steps=np.int64(3),
        learning_rate=np.float32(0.5),
        autocast=np.bool_(False),
        seed=2**64 - 1,
    )
    assert (config.num_steps, config.learning_rate, config.autocast) == (3, 0.5, False)
    assert [type(v) for v in (config.num_steps, config.learning_rate, config.autocast)] == [
        int,
        float,
        bool,
    ]
    assert ManipulateConfig(layers=np.arange(2, 4)).layers == (2, 3)


def test_settings_are_given_whole_in_part_or_in_a_preset():
    default = ManipulateConfig()
    assert as_settings(None, default) is default
    mine = ManipulateConfig(num_steps=3)
    assert as_settings(mine, default) is mine
    preset = preset_for("paper-ffhq")
    assert as_settings(preset, default) is preset.config
    assert as_settings({"num_steps": 3}, default) == mine
    assert as_settings({"num_steps": 7}, FROM_THE_MEAN) == dataclasses.replace(
        FROM_THE_MEAN, num_steps=7
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"num_step": 3},
            "'num_step' is no setting of ManipulateConfig; the nearest is num_steps",
        ),
        ({"xyz": 3}, "'xyz' is no setting .* they are num_steps, learning_rate"),
        ({3: 3}, "3 is no setting"),
        ({"num_steps": "3"}, "num_steps is '3'"),
        (ProjectConfig(), "config is ProjectConfig.* it must be a ManipulateConfig or a dict"),
        (ManipulateConfig, "config is <class .* it must be a ManipulateConfig or a dict"),
        ("paper-ffhq", "config is 'paper-ffhq'; it must be a ManipulateConfig or a dict"),
        (3, "config is 3; .*pass ManipulateConfig.num_steps=25."),
    ],
)
def test_what_are_no_settings_gets_one_sentence(given, sentence):
    with pytest.raises(SgimError, match=sentence) as error:
        as_settings(given, ManipulateConfig())
    assert "\n" not in str(error.value)
