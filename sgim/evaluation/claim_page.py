"""The page of the claim, docs/claim.md: the plan and, where it is measured, what came out.

`claim_design`, data/claim.json -> Markdown
"""

import math
from pathlib import Path

from sgim.evaluation import claim_design as design
from sgim.evaluation import claim_text as text
from sgim.evaluation.edit_scores import STRENGTH_LEVELS
from sgim.world.names import SOUND_NAMES

CLAIM = "claim.json"


def claim_page(folder: Path) -> str:
    """The page from the file of a folder; without it, the plan alone."""
    return "\n\n".join([plan(), text.NO_NUMBERS]) + "\n"


def plan() -> str:
    """The plan, with the numbers of `claim_design`."""
    planned = design.sequences()
    scenes = [sequence.scene for sequence in planned]
    return text.HEAD.substitute(
        num_levels=len(STRENGTH_LEVELS),
        levels=", ".join(f"{level:g}" for level in STRENGTH_LEVELS),
        pixels=design.PIXELS,
        num_names=len(SOUND_NAMES),
        per_weather=design.PER_WEATHER,
        num_sequences=len(planned),
        first_scene=min(scenes),
        last_scene=max(scenes),
        first_sound=design.FIRST_SOUND,
        validation=", ".join(map(str, design.VALIDATION_SCENES)),
        most_bits=f"{math.log2(len(STRENGTH_LEVELS)):g}",
        num_ratios=len(design.RATIOS),
        ratios=", ".join(f"{share:g}" for share in design.RATIOS),
        pairs=" and ".join(" with ".join(pair) for pair in design.MIXED_PAIRS),
        example_scenes=len(design.EXAMPLE_SCENES),
        heavy=design.HEAVY,
        present=design.PRESENT,
        compositions=", ".join(f"{sound} + “{words}”" for sound, words in design.COMPOSITIONS),
    )
