"""Solutions and stubs of the lessons' exercises, read from the notebooks: nothing is kept twice."""

import contextlib
import io
import math
import re
import types
from functools import cache

import torch
import torch.nn.functional as F
from link_lessons import NOTEBOOKS, sources

import sgim
from sgim import exercises
from sgim.embedding.alignment_terms import TERM_WEIGHTS, AlignConfig
from sgim.exercises.encoder_sizes import SAMPLE_RATE, frames_seen
from sgim.media.log_mel import windows
from sgim.world.layers import LAYER_NAMES
from sgim.world.names import SOUND_NAMES
from sgim.world.photo_maps import display_from_linear, linear_from_display

FOLDED = re.compile(r"<details><summary>(.*?)</summary>(.*?)</details>", re.DOTALL)
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def folded(lesson: str) -> list[tuple[str, str]]:
    """Titles and texts of what a lesson folds away."""
    return FOLDED.findall("\n".join(sources(_path(lesson), "markdown")))


def source(lesson: str, name: str) -> str:
    """The block of code in a folded solution that defines the function."""
    blocks = [block for _, text in folded(lesson) for block in BLOCK.findall(text)]
    (found,) = [block for block in blocks if f"def {name}(" in block]
    return found


@cache
def solution(lesson: str, name: str):
    """The function of this name in a folded solution."""
    names = {
        "torch": torch,
        "F": F,
        "math": math,
        "LAYER_NAMES": LAYER_NAMES,
        "windows": windows,
        "receptive_field": frames_seen,
        "sample_rate": SAMPLE_RATE,
    }
    names |= {one.__name__: one for one in (display_from_linear, linear_from_display)}
    exec(source(lesson, name), names)
    return names[name]


def stubs(lesson: str) -> list[str]:
    """Cells that hold a stub and call its check."""
    found = [one for one in sources(_path(lesson), "code") if re.search(r"\bcheck_\w+\(", one)]
    return [one for one in found if re.search(r"^(def )?my_", one, re.MULTILINE)]


def shown(cell: str) -> str:
    """What an exercise's cell prints in a notebook that was run up to there."""
    checks = {name: getattr(exercises, name) for name in dir(exercises)}
    names = checks | {
        "torch": torch,
        "config": AlignConfig(),
        "terms": tuple(TERM_WEIGHTS),
        "SOUND_NAMES": SOUND_NAMES,
        "bundle": types.SimpleNamespace(tokenizer=types.SimpleNamespace(words=())),
        "score_with": lambda *given: 1.0,
        "sgim": sgim,
        "NAMES": ("clear", *SOUND_NAMES),
        "CAPTIONS": (),
    }
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(cell, names)
    return out.getvalue()


def _path(lesson: str):
    (path,) = [one for one in NOTEBOOKS if one.name.startswith(lesson)]
    return path
