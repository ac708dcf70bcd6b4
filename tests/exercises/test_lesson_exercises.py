"""The lessons' checks take the folded solutions, refuse the stubs, and name typical mistakes.

The answers are read from the notebooks, so that lesson and check cannot drift apart.
"""

import re

import mistakes_01_to_11
import mistakes_04_to_10
import mistakes_12
import pytest
from lesson_answers import folded, shown, solution, source, stubs
from link_lessons import NOTEBOOKS, cells_of

from sgim import exercises
from sgim.embedding.alignment_terms import TERM_WEIGHTS, AlignConfig
from sgim.world.names import SOUND_NAMES

LESSONS = [path.name[:2] for path in NOTEBOOKS if path.name[:2] != "00"]  # the tour asks for less
WHERE = mistakes_04_to_10.WHERE | mistakes_01_to_11.WHERE | mistakes_12.WHERE
MISTAKES = mistakes_04_to_10.MISTAKES + mistakes_01_to_11.MISTAKES + mistakes_12.MISTAKES
right = {check: solution(*place) for check, place in WHERE.items()}


@pytest.mark.parametrize("seed", [0, 1, 2, 2026])
@pytest.mark.parametrize("check", WHERE)
def test_a_folded_solution_is_right(check, seed):
    report = getattr(exercises, check)(right[check], seed=seed)
    assert report.right, report


@pytest.mark.parametrize("seed", [0, 3, 2026])
@pytest.mark.parametrize(("check", "answer", "words"), MISTAKES)
def test_a_typical_mistake_is_named_and_the_solution_is_not_shown(check, answer, words, seed):
    report = getattr(exercises, check)(answer, seed=seed)
    assert not report.right
    assert words in str(report), report
    lines = [line.strip() for line in source(*WHERE[check]).splitlines()]
    assert not any(line in str(report) for line in lines if len(line) > 12)


@pytest.mark.parametrize("check", WHERE)
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (3, "pass the function itself"),
        (lambda *given: "text", "returns"),
        (lambda *given: given[0].nothing, "stopped with AttributeError"),
        (lambda: 1, "stopped with TypeError"),
    ],
)
def test_what_cannot_be_judged_gets_advice_and_no_traceback(check, answer, words):
    report = getattr(exercises, check)(answer)
    assert not report.judged and words in str(report)


@pytest.mark.parametrize("lesson", LESSONS)
def test_untouched_stubs_say_not_yet_the_same_every_time(lesson):
    cells = stubs(lesson)
    assert len(cells) >= 3
    for cell in cells:
        text = shown(cell)
        assert "not yet" in text and text == shown(cell)
        assert not re.search(r"\d\.\d{2,}", text), "decimals may differ between processors"
        assert len(re.findall(r"\bcheck_\w+\(", cell)) == 1


@pytest.mark.parametrize("lesson", LESSONS)
def test_exercises_fold_hints_and_solutions_and_have_a_rubric(lesson):
    titles = [title for title, _ in folded(lesson)]
    assert titles[::2] == ["Hint"] * (len(titles) // 2) and len(titles) >= 4
    assert any("rubric" in title for title in titles)
    rubrics = [text for title, text in folded(lesson) if "rubric" in title]
    assert all("5. " in text for text in rubrics)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name[:2])
def test_every_lesson_asks_for_an_experiment_or_a_plan_with_a_prediction_and_a_rubric(path):
    text = "\n".join(cell["source"] for cell in cells_of(path))
    _, *parts = re.split(r"^#{2,3} Exercise\b(?!s)", text, flags=re.MULTILINE)
    open_ones = [one for one in parts if re.search(r"\bcheck_(report|experiment|plan)\(", one)]
    assert open_ones
    for one in open_ones:
        assert re.search(r"[Pp]redict|[Ee]xpect", one)
        (rubric,) = re.findall(r"<summary>[^<]*[Rr]ubric</summary>(.*?)</details>", one, re.DOTALL)
        assert "1. " in rubric and "5. " in rubric


def test_the_broken_loop_of_lesson_07_shows_each_of_its_slips():
    (broken,) = [cell for cell in stubs("07") if "def my_move" in cell]
    symptoms = ("Nothing holds the picture", "moves away from the sound", "slopes of all steps")
    assert all(words in shown(broken) for words in symptoms)
    repairs = {
        "Nothing holds the picture": ("ws_a = ws_s\n", "ws_a = ws_s.clone()\n"),
        "moves away from the sound": ("loss = (feat", "loss = -(feat"),
        "slopes of all steps": ("        loss.back", "        adam.zero_grad()\n        loss.back"),
    }
    for words, (slip, repair) in repairs.items():
        assert slip in broken
        assert words not in shown(broken.replace(slip, repair))
    for slip, repair in repairs.values():
        broken = broken.replace(slip, repair)
    assert "right" in shown(broken)


KNOWN = {"the", "a", "sound", "of", "landscape", "with", *SOUND_NAMES}


@pytest.mark.parametrize(
    ("prompts", "words"),
    [
        (lambda name: [f"{name} "], "alone"),
        (lambda name: [name.upper()], "alone"),
        (lambda name: [f"The {name}!"], "alone"),
        (lambda name: f"the sound of {name}", "asks for a list"),
        (lambda name: [], "empty"),
        (lambda name: ["a landscape"], "same texts"),
        (lambda name: [f"the sound of {name} with wind"], "another class"),
        (lambda name: [f"the zzyzx of {name}"], "zzyzx"),
        (lambda name: [3], "no list of texts"),
        (lambda name: None, "returns nothing yet"),
    ],
)
def test_prompts_that_break_a_rule_are_told(prompts, words):
    report = exercises.check_prompts(prompts, SOUND_NAMES, KNOWN, lambda own: 1.0)
    assert not report.right and words in str(report)


def test_prompts_of_the_solution_keep_the_rules_and_have_to_score():
    prompts = solution("10", "my_prompts")
    assert exercises.check_prompts(prompts, SOUND_NAMES, KNOWN, lambda own: 0.6).right
    poor = exercises.check_prompts(prompts, SOUND_NAMES, KNOWN, lambda own: 0.3)
    assert "three blind guesses" in str(poor)


WHOLE = {
    "prediction": "I expect that zero-shot falls, because no word is heard in training.",
    "seen": "Zero-shot went from 82 to 79 of 96 clips, and retrieval by 2 points.",
    "why": "Pictures stand near their words in CLIP, so they can replace these.",
    "next": "Train without pictures as well, and see whether both together are missed.",
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({name: "" for name in WHOLE}, "is empty"),
        ({"seen": "It became worse than it was before, as I had thought."}, "no number"),
        ({"why": "because"}, "too short"),
        ({"why": "bla " * 20}, "too short"),
        ({"prediction": WHOLE["seen"]}, "same text"),
        ({"next": 3}, 'no text under "next"'),
    ],
)
def test_a_report_with_gaps_is_told_what_is_missing(change, words):
    report = exercises.check_report(WHOLE | change)
    assert not report.right and words in str(report)


def test_a_whole_report_is_complete():
    assert exercises.check_report(WHOLE).right
    assert not exercises.check_report("all is well").judged


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "my_change is empty"),
        ("audio_text_weight", "no dictionary"),
        ({"num_epochs": 3}, "names num_epochs"),
        ({"audio_text_weight": 0.0, "audio_image_weight": 0.0}, "which of them did it"),
        ({"audio_text_weight": 1.0}, "nothing to compare"),
        ({"audio_text_weight": -1.0}, "refuses this value"),
        ({"audio_text_weight": "none"}, "refuses this value"),
    ],
)
def test_an_unfair_change_is_told(change, words):
    names = list(TERM_WEIGHTS.values())
    report = exercises.check_experiment(change, WHOLE, AlignConfig(), names)
    assert not report.judged and words in str(report)


def test_a_fair_change_with_a_whole_report_is_complete():
    assert exercises.check_experiment({"audio_text_weight": 0.0}, WHOLE, AlignConfig()).right
