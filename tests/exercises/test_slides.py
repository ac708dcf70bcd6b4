"""Slides of the lessons: every claim and every picture once, words for pictures, no network."""

import json
import re

import pytest
from places import ROOT

from sgim.exercises.slides import CLAIM, slides_of
from sgim.exercises.slides_page import math_svg, slides_page, words

LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
GIF = "R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw=="
PICTURE = f'<img alt="A gray square." src="data:image/gif;base64,{GIF}">'


def text(source):
    return {"cell_type": "markdown", "source": source}


def shown(*pictures, kind="text/html"):
    outputs = [{"data": {kind: one}} for one in pictures]
    return {"cell_type": "code", "source": "draw()", "outputs": outputs}


TOY = {
    "cells": [
        text("# 03 · Rain\n\nIt *rains* here.\n\n- hear it,\n- **see** it"),
        text("## Set-up\n\nRun this."),
        shown(PICTURE),
        text("## 1. Drops\n\nTwo sounds.\n\n**Before you run this:** which is\nlouder?"),
        shown(PICTURE),
        text("**Claim:** a drop is < 1 mm. So it is small. **Caveat:** one drop.\n\nMore words."),
        shown(PICTURE, PICTURE),
        text("Only reading."),
        text("## Exercises\n\n### Exercise 1\n\n**Predict first:** no slide."),
        shown(PICTURE),
        text("## Recap\n\n- Rain falls.\n- Snow, too."),
    ]
}


def test_a_lesson_becomes_its_title_questions_claims_figures_and_recap():
    title, question, claim, figure, recap = slides_of(TOY)
    assert (title.headline, title.text, title.points) == (
        "Rain",
        "It *rains* here.",
        ("hear it,", "**see** it"),
    )
    assert (question.kind, question.headline) == ("predict", "Which is louder?")
    assert question.text == "Two sounds." and question.section == "Drops"
    assert (claim.headline, claim.text) == ("A drop is < 1 mm.", "So it is small.")
    assert claim.caveat == "One drop." and claim.media == (PICTURE,)
    assert claim.notes.endswith("More words.")
    assert (figure.headline, figure.media, figure.notes) == (
        "Drops",
        (PICTURE,) * 2,
        "Only reading.",
    )
    assert recap.points == ("Rain falls.", "Snow, too.")


def test_a_page_escapes_and_formulas_are_drawn_with_their_source_as_words():
    page = slides_page(TOY)
    assert "A drop is &lt; 1 mm." in page and page.count("<section") == 5
    assert 'aria-label="g &lt; 1"' in words("since $g < 1$")
    assert math_svg(r"\nothing{x}") == "" and "<code>" in words(r"$\nothing{x}$")
    assert words("`a` and **b**") == "<code>a</code> and <b>b</b>"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem[:2])
def test_a_lesson_loses_no_claim_and_shows_each_picture_once(path):
    lesson = json.loads(path.read_text(encoding="utf-8"))
    slides, page = slides_of(lesson), slides_page(lesson)
    claims = sum(
        len(CLAIM.findall("".join(cell["source"])))
        for cell in lesson["cells"]
        if cell["cell_type"] == "markdown"
    )
    assert sum(slide.kind == "claim" for slide in slides) == claims
    assert [slide.kind for slide in slides].count("title") == 1
    assert slides[-1].headline == "Recap" and len(slides[-1].points) >= 3
    pictures = [one for slide in slides for one in slide.media if one.startswith("<img")]
    assert len(pictures) == len(set(pictures)) >= 4
    assert all(re.search('alt="[^"]{10,}"', one) for one in pictures)
    assert all(len(slide.headline) < 260 and slide.headline for slide in slides)
    assert sum(bool(slide.notes) for slide in slides) > len(slides) / 2
    assert "<summary>" not in page and "Expected:" not in page
    assert not re.search(r'src="(?!data:)', page) and '<link rel="stylesheet' not in page
    assert len(page) < 600_000
