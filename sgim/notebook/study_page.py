"""A study as one HTML file that works without a network: pictures and sounds are inside.

`Study` -> what raters see, under keys that say nothing -> HTML

The names of methods are in the file as well, for the answers name them. They stand there as base64,
so that nobody reads them by accident.
"""

import base64
import html
import json
import os
from pathlib import Path
from string import Template

from sgim.checks import atomic_path
from sgim.evaluation.human_study import Study
from sgim.evaluation.study_answers import COLUMNS
from sgim.evaluation.study_order import (
    FIRST_RATER,
    LAST_RATER,
    MODULUS,
    MULTIPLIER,
    WARM_UP,
)
from sgim.notebook.inline_media import encode_png, encode_wav

PAGE = Path(__file__).with_name("study_page.html")

CONSENT = (
    "You will see a scene, hear a sound, and choose one of two pictures, {count} times. In some "
    "questions one picture clearly fits better; who misses several of these is left out. "
    "Taking part is voluntary: you may stop at any time by closing the page.",
    "Your answers stand under a random number. Your name is not asked for, and no time of day is "
    "kept, only the seconds that each answer takes. Nothing leaves this computer until you hand in "
    "the file with your answers.",
)


def consent_of(study: Study) -> list[str]:
    """What raters agree to before the first question, in paragraphs."""
    return [paragraph.format(count=len(study.questions)) for paragraph in CONSENT]


def write_study_page(study: Study, path: str | os.PathLike) -> None:
    """Write the page, whole or not at all."""
    text = study_page(study)
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def study_page(study: Study) -> str:
    """The page as text.

    What it shows is the same, in the same order and on the same sides, as `study.shown_to` says.
    """
    media: dict[str, str] = {}
    questions = [
        {
            "source": _key(media, "image/png", encode_png(question.trial.source[None])),
            "sound": _key(
                media, "audio/wav", encode_wav(question.trial.waveform, question.trial.sample_rate)
            ),
            "pictures": [
                _key(media, "image/png", encode_png(picture[None])) for picture in question.pictures
            ],
            "options": question.options,
            "cells": {
                "question": question.name,
                "kind": question.kind,
                "scene": question.trial.scene,
                "sound": question.trial.sound,
                "known": question.known,
            },
        }
        for question in study.questions
    ]
    setting = {
        "columns": COLUMNS,
        "cells": {"study": study.name, "needed_right": study.needed_right},
        "raters": [FIRST_RATER, LAST_RATER],
        "numbers": [MULTIPLIER, MODULUS, WARM_UP],
        "questions": questions,
    }
    return Template(PAGE.read_text(encoding="utf-8")).substitute(
        title=html.escape(study.title),
        asked=html.escape(study.asked),
        consent="\n".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in consent_of(study)),
        setting=_base64(json.dumps(setting).encode()),
        media=json.dumps({key: uri for uri, key in sorted(media.items())}),
    )


def _key(media: dict[str, str], kind: str, content: bytes) -> str:
    """A key for some bytes, the same for the same bytes; `media` maps data URIs to keys."""
    return media.setdefault(data_uri(kind, content), f"m{len(media)}")


def data_uri(kind: str, content: bytes) -> str:
    """Bytes of a media type as an address that holds them."""
    return f"data:{kind};base64,{_base64(content)}"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
