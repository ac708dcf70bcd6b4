"""What checks of experiments take, refuse and name; and the pictures beside the stubs."""

import re

import pytest
from lesson_answers import folded, shown, source, stubs
from link_lessons import NOTEBOOKS
from mistakes_01_to_11 import right

import sgim
from sgim import exercises
from sgim.checks import SgimError
from sgim.exercises.pictures import PICTURES

NAMES = ("clear", "rain", "wind")
WORDS = {"sunshine", "drizzle", "breezy", "a", "the", "rain"}
GOOD = {"clear": "sunshine", "rain": "a drizzle", "wind": "breezy"}


@pytest.mark.parametrize(
    ("change", "share", "words"),
    [
        ({"rain": " "}, 1.0, "no sentence for rain"),
        ({"rain": "the rain"}, 1.0, "uses rain"),
        ({"wind": "zzyzx"}, 1.0, "never learned"),
        ({"wind": "sunshine"}, 1.0, "the same sentence"),
        ({}, 0.8, "80% of the pictures"),
    ],
)
def test_sentences_that_break_a_rule_are_told(change, share, words):
    report = exercises.check_sentences(GOOD | change, NAMES, ["the rain"], WORDS, lambda own: share)
    assert not report.right and words in str(report)


def test_sentences_that_keep_the_rules_have_to_name_pictures():
    given = []
    share = lambda own: given.extend(own) or 0.9  # noqa: E731
    assert exercises.check_sentences(GOOD, NAMES, ["the rain"], WORDS, share).right
    assert given == [GOOD[name] for name in NAMES]
    assert "no dictionary" in str(exercises.check_sentences("x", NAMES, [], WORDS, share))


def test_the_sentences_of_the_lesson_are_words_of_this_world():
    text = "\n".join(text for _, text in folded("02"))
    sentences = dict(re.findall(r'"(\w+)": "([^"]+)"', text))
    assert len(sentences) == 11
    words = sgim.load_bundle("mini", device="cpu").tokenizer.words
    assert all(word in words for one in sentences.values() for word in one.split())


@pytest.mark.parametrize(
    ("sentence", "rises", "words"),
    [
        ("", {}, "is empty"),
        (7, {}, "is no text"),
        ("fire", {"fire": 0.5, "rain": 0.1}, "1 weathers rose"),
        ("storm", {"fire": 0.5, "rain": 0.2, "wind": 0.3}, "3 weathers rose"),
        ("snow", {"fire": 0.0}, "none"),
    ],
)
def test_a_sentence_that_does_not_bring_two_weathers_is_told_what_came(sentence, rises, words):
    report = exercises.check_two_wishes(sentence, lambda own: rises)
    assert not report.right and words in str(report)


def test_two_weathers_are_right_and_a_refused_sentence_gets_the_refusal():
    rises = {"fire": 0.5, "rain": 0.15, "wind": 0.1}
    assert exercises.check_two_wishes("fire and rain", lambda own: rises).right

    def refuse(sentence):
        raise SgimError("none of its words is known here.")

    assert "none of its words" in str(exercises.check_two_wishes("zebra", refuse))


CALM, STORM = {"storm": 0.1, "fire": 0.0}, {"storm": 0.6, "rain": 0.4, "fire": 0.1}


@pytest.mark.parametrize(
    ("change", "rises", "words"),
    [
        ({}, CALM, "is empty"),
        ({"num_steps": 25, "seed": 3}, CALM, "change one"),
        ({"num_steps": -2}, CALM, "refuses this value"),
        ({"speed": 3}, CALM, "names speed"),
        ({"num_steps": 3}, STORM, "does not fail"),
    ],
)
def test_a_change_that_makes_nothing_fail_is_told(change, rises, words):
    config = sgim.ManipulateConfig()
    report = exercises.check_failure(change, config, lambda own: rises, "storm", ("rain",))
    assert not report.right and words in str(report)


@pytest.mark.parametrize("rises", [CALM, STORM | {"fire": 0.2}])
def test_a_weather_that_stays_away_and_a_stranger_are_failures(rises):
    config = sgim.ManipulateConfig()
    change = {"num_steps": 3}
    assert exercises.check_failure(change, config, lambda own: rises, "storm", ("rain",)).right


PLAN = {
    "hypothesis": "Weight 0.1 gives fewer right edits than 0.02.",
    "metric": "Right edits on the same cases.",
    "baselines": "No edit must have zero right.",
    "expected shares": (0.85, 0.95),
    "cases": 256,
    "refuted if": "The interval of the difference holds zero.",
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict.fromkeys(PLAN, ""), "is empty"),
        ({"metric": "right"}, "too short"),
        ({"refuted if": PLAN["metric"]}, "the same"),
        ({"expected shares": (0.8, 0.8)}, "two different numbers"),
        ({"expected shares": "85 %"}, "two different numbers"),
        ({"cases": 40}, "too small"),
        ({"cases": "many"}, "too small"),
    ],
)
def test_a_plan_with_gaps_is_told_what_is_missing(change, words):
    report = exercises.check_plan(PLAN | change)
    assert not report.right and words in str(report)


def test_a_whole_plan_is_complete():
    assert exercises.check_plan(PLAN).right
    assert "no dictionary" in str(exercises.check_plan(["a plan"]))


def test_the_tour_asks_for_an_experiment_with_a_rubric():
    (cell,) = stubs("00")
    assert "is empty" in shown(cell)
    assert [title for title, _ in folded("00")] == ["Hint", "Rubric"]


DRAWN = {
    "back to hertz": "check_to_hertz",
    "back and forth": "check_back_and_forth",
    "logit scale": "check_scale",
    "echo": "check_echo",
    "leash": "check_leash",
    "swings": "check_swings",
    "number of edits": "check_needed",
}


@pytest.mark.parametrize("name", DRAWN)
def test_the_expected_picture_is_that_of_the_folded_solution(name):
    figure = exercises.draw_expected(name, right[DRAWN[name]])
    expected, got = figure.axes[0].lines
    assert expected.get_ydata() == pytest.approx(
        got.get_ydata(), rel=1e-4, abs=0.51 if name == "number of edits" else 1e-4
    )
    assert "[" in figure.axes[0].get_xlabel() and "drawn over it" in figure.alt_text


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("function", [None, lambda *given: None, lambda: 1, lambda *given: "text"])
def test_an_answer_that_cannot_be_drawn_leaves_the_expected_picture(name, function):
    figure = exercises.draw_expected(name, function)
    assert len(figure.axes[0].lines) == 1 and "Nothing of yours" in figure.alt_text


def test_a_picture_that_is_not_there_gets_one_sentence():
    with pytest.raises(SgimError, match="there are back to hertz"):
        exercises.draw_expected("rainbow")


@pytest.mark.parametrize("lesson", ["01", "02", "03", "06", "08", "11"])
def test_lessons_show_expected_pictures(lesson):
    assert any("draw_expected(" in cell for cell in stubs(lesson))


@pytest.mark.parametrize("lesson", [path.name[:2] for path in NOTEBOOKS])
def test_no_line_of_a_solution_stands_in_a_stub_or_in_its_check(lesson):
    for cell in stubs(lesson):
        for name in re.findall(r"^def (my_\w+)", cell, re.MULTILINE):
            if name in ("my_rises", "my_share", "my_move"):  # given whole, or to be repaired
                continue
            lines = re.findall(r"^ +(.*)$", source(lesson, name), re.MULTILINE)
            assert not any(line in cell for line in lines if len(line) > 12)
