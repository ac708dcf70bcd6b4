"""The paper's settings of an edit for each domain, with the source of every number.

name of a bundle -> `preset_for` -> `ManipulateConfig` and truncation

>>> preset_for("paper-ffhq").config.similarity_weight
0.008
"""

import dataclasses
from dataclasses import dataclass

from sgim.checks import require_one_of
from sgim.editing.manipulate_config import ManipulateConfig


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Settings for the bundle of the same name.

    Attributes
    ----------
    config : ManipulateConfig
    truncation_psi : float
        For drawing the latents of pictures, as `generator.mapping` takes it.
    sources : dict of str to str
        Setting -> where its number comes from, or that none is known.
    """

    config: ManipulateConfig
    truncation_psi: float
    sources: dict[str, str]


PLAIN = ManipulateConfig(
    num_steps=30,
    learning_rate=0.05,
    target="direct",
    step_scale="coordinate",
    sparse_weight=0.0,
    latent_noise=0.0,
    pursuit=False,
)
"""The paper's loop at rates for the mini world: the embedding itself is the target, the steps are
Adam's, and nothing of what this package adds is on."""

SCRIPT = "run_optimization.py of the code of Lee et al. 2022"
COMMAND = "the command for landscapes in the README of the code of Lee et al. 2022"
UNKNOWN = "none is known for this domain: the landscapes'"

LANDSCAPES = Preset(
    config=dataclasses.replace(
        PLAIN,
        num_steps=300,
        learning_rate=0.1,
        similarity_weight=0.002,
        identity_weight=0.0,
        mask_rate=0.1,
        ramp_up=0.05,
        ramp_down=0.25,
    ),
    truncation_psi=0.7,
    sources={
        "num_steps": f"default of {SCRIPT}",
        "learning_rate": COMMAND,
        "similarity_weight": COMMAND,
        "identity_weight": COMMAND,
        "mask_rate": SCRIPT,
        "ramp_up": SCRIPT,
        "ramp_down": SCRIPT,
        "truncation_psi": COMMAND,
    },
)


def _domain(sources: dict[str, str], **settings: float) -> Preset:
    """The landscapes' settings but for those that are known of another domain."""
    unknown = dict.fromkeys(("learning_rate", "similarity_weight", "identity_weight"), UNKNOWN)
    return dataclasses.replace(
        LANDSCAPES,
        config=dataclasses.replace(LANDSCAPES.config, **settings),
        sources=LANDSCAPES.sources | unknown | sources,
    )


PRESETS = {
    "paper": LANDSCAPES,
    "paper-ffhq": _domain(
        {
            "learning_rate": f"{UNKNOWN}; the default of {SCRIPT}, whose default generator is "
            "FFHQ's, is 0.05",
            "similarity_weight": f"default of {SCRIPT}, whose default generator is FFHQ's",
            "identity_weight": "the same; 0.004 is seen for FFHQ as well (Lee et al.)",
        },
        similarity_weight=0.008,
        identity_weight=0.005,
    ),
    "paper-church": _domain(
        {
            "similarity_weight": "seen for LSUN church (Lee et al.)",
            "identity_weight": "seen for LSUN church (Lee et al.)",
        },
        similarity_weight=0.002,
        identity_weight=0.0,
    ),
    "paper-car": _domain({}),
    "paper-afhqwild": _domain({}),
    "paper-metfaces": _domain({}),
}
"""Name of a bundle of `sgim.load_bundle` -> the settings that go with it."""


def preset_for(name: str) -> Preset:
    """The settings that go with the bundle of this name.

    They suit a StyleGAN3 or a conditional StyleGAN2 of the same domain in its place as well: its
    latents have the same scale, and the mask any number of rows.

    Raises
    ------
    SgimError
        When there are none; the mini world's are the defaults of `ManipulateConfig`.

    Examples
    --------
    >>> preset = preset_for("paper-church")
    >>> preset.config.num_steps, preset.truncation_psi
    (300, 0.7)
    >>> preset.sources["similarity_weight"]
    'seen for LSUN church (Lee et al.)'
    """
    require_one_of("preset", name, tuple(PRESETS))
    return PRESETS[name]
