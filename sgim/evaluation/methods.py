"""The methods that are compared under equal care, and what each follows: `sgim evaluate --methods`.

`METHODS`: name -> what it follows, by which encoder, with which settings
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product

import torch

from sgim.editing.layer_mask import moving_rows
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.presets import PLAIN
from sgim.editing.starting_points import best_start
from sgim.editing.targets import guidance_target
from sgim.embedding.alignment_terms import OBJECTIVES
from sgim.evaluation.edit_batches import BATCH, edit_each
from sgim.evaluation.edit_ways import sentences_target
from sgim.world.captions import strength_of
from sgim.world.lexicon import STRENGTHS
from sgim.world.names import SOUND_NAMES, WEATHER_NAMES

WAV2CLIP, AUDIOCLIP, SGIM, ROBUST = OBJECTIVES
SHIPPED = "shipped"
LEVEL = 0.9
"""Of the sounds that edit."""

TUNED_WEIGHTS = (0.002, 0.02, 0.1)
"""Values of lambda_sim that are tried on the validation scenes."""

RENDERED = (0.35, 0.7, 1.0)
"""Levels at which the nearest render is looked for."""

OURS = ManipulateConfig()
PUBLISHED = replace(PLAIN, num_steps=OURS.num_steps)
"""The paper's loop, with as many steps as ours."""

OUR_NAME = "Robust (ours)"


@dataclass(frozen=True)
class Guide:
    """What is asked of one scene: the weather, its sound's embedding (1, embed_dim) by the
    method's encoder, and a seed."""

    name: str
    features: torch.Tensor
    seed: int


Follow = Callable[..., torch.Tensor]
"""(bundle, guide) -> a place of the joint embedding, (1, embed_dim)"""


@dataclass(frozen=True, kw_only=True)
class Method:
    """One way to edit: `group` for the table, the objective that its encoder was trained with,
    what it `follow`s, its settings, whether lambda_sim is tuned, and how latents are `found`."""

    group: str
    encoder: str = ROBUST
    follow: Follow
    config: ManipulateConfig = OURS
    tuned: bool = False
    found: Callable[..., torch.Tensor] | None = None

    def edit(self, bundle, source_ws: torch.Tensor, guides: list[Guide]) -> torch.Tensor:
        """Latents after the edit of each scene by its own guide."""
        targets = torch.cat([self.follow(bundle, guide) for guide in guides])
        if self.found is None:
            return edit_each(bundle, source_ws, targets, config=self.config)
        wanted = guidance_target(bundle, targets, self.config.target)
        pairs = zip(source_ws.split(BATCH), wanted.split(BATCH), strict=True)
        return torch.cat([self.found(bundle, *pair) for pair in pairs])


def the_sound(bundle, guide: Guide) -> torch.Tensor:
    """The embedding of the sound itself."""
    return guide.features


def label_words(bundle, guide: Guide) -> torch.Tensor:
    """Words that name weather and strength; nobody who only hears has them for sure."""
    return sentences_target(bundle, guide.name, strength_of(LEVEL))


def heard_words(bundle, guide: Guide) -> torch.Tensor:
    """Of all weathers and strengths the words nearest to the sound."""
    told = [sentences_target(bundle, *label) for label in product(SOUND_NAMES, STRENGTHS)]
    return told[(torch.cat(told) @ guide.features[0]).argmax()]


def random_direction(bundle, guide: Guide) -> torch.Tensor:
    """A direction that says nothing."""
    drawn = torch.Generator().manual_seed(guide.seed)
    target = torch.randn(guide.features.shape, generator=drawn).to(guide.features)
    return target / target.norm()


def unmoved(bundle, source_ws: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """The scenes as they are."""
    return source_ws


def starting_point(bundle, source_ws: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """The painter's proposal that is nearest to the target, without a step."""
    rows = moving_rows(None, bundle.generator.num_ws).to(source_ws.device)
    return best_start(bundle, source_ws, wanted, rows)


@torch.no_grad()
def nearest_render(bundle, source_ws: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Of all weathers at some levels the render nearest to the target: the painter is an oracle."""
    generator = bundle.generator
    tried = [
        generator.with_weather(source_ws, {name: level})
        for name, level in product(WEATHER_NAMES, RENDERED)
    ]
    cosines = torch.stack(
        [(bundle.encode_image(generator.synthesis(ws)) * wanted).sum(dim=1) for ws in tried]
    )
    return torch.stack(tried)[cosines.argmax(dim=0), torch.arange(len(source_ws))]


def _other(encoder: str, *, mask: bool, follow: Follow = the_sound) -> Method:
    return Method(
        group="methods",
        encoder=encoder,
        follow=follow,
        config=replace(PUBLISHED, adaptive_layer_mask=mask),
        tuned=True,
    )


def _reference(follow: Follow, found: Callable[..., torch.Tensor] | None = None) -> Method:
    return Method(group="references", follow=follow, found=found)


def _ablated(**settings: object) -> Method:
    return Method(group="ablations", follow=the_sound, config=replace(OURS, **settings))


METHODS: dict[str, Method] = {
    OUR_NAME: Method(group="methods", follow=the_sound, tuned=True),
    "Robust, the paper's loop": _other(ROBUST, mask=True),
    "SGIM 2022": _other(SGIM, mask=True),
    "AudioCLIP's objective": _other(AUDIOCLIP, mask=False),
    "Wav2CLIP's objective": _other(WAV2CLIP, mask=False),
    "text-guided (StyleCLIP), label words": _other(ROBUST, mask=False, follow=label_words),
    "ours, with the encoder that ships": Method(
        group="references", encoder=SHIPPED, follow=the_sound
    ),
    "label words (oracle)": _reference(label_words),
    "words of the heard label": _reference(heard_words),
    "nearest render (oracle)": _reference(the_sound, nearest_render),
    "starting point alone": _reference(the_sound, starting_point),
    "random direction": _reference(random_direction),
    "no edit": _reference(the_sound, unmoved),
    "without mask": _ablated(adaptive_layer_mask=False),
    "without penalty": _ablated(sparse_weight=0.0),
    "without mask, without penalty": _ablated(adaptive_layer_mask=False, sparse_weight=0.0),
    "λ_sim = 0": _ablated(similarity_weight=0.0),
    "λ_sim = 0, without mask": _ablated(similarity_weight=0.0, adaptive_layer_mask=False),
    "without prior": _ablated(target="direct"),
    "with starting points": _ablated(start="proposals"),
    "without prior, with starting points": _ablated(target="direct", start="proposals"),
    "without pursuit": _ablated(pursuit=False),
    "without pursuit, without prior": _ablated(pursuit=False, target="direct"),
}
"""The first is ours; every other is told by what it does better or worse than the first."""
