"""Quizzes: the files of the lessons, what the parser refuses, and the panel without a browser."""

import re

import pytest
from places import ROOT

from sgim.checks import SgimError
from sgim.notebook import quiz as quiz_module
from sgim.notebook.quiz import ABSENT, UNCHOSEN, Quiz, find_quiz
from sgim.notebook.quiz_text import as_html, as_plain, parse_quiz, read_quiz

FOLDER = ROOT / "docs" / "quizzes"
FILES = sorted(FOLDER.glob("[0-9][0-9]_*.md"))
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))

GOOD = """# Ears

Words for the page.

## 1. Frames

What does a **long** frame show?

- A. Clicks, in `time`
- B. Tones,
  one beside another

<details><summary>Answer</summary>

The answer is **B**.

- A. They are smeared.
- B. The bins of a long frame lie close
  together.

</details>

## 2. Level

Is a louder clip another picture?

- A. No
- B. Yes
- C. Sometimes

<details><summary>Answer</summary>

The answer is **A**.

- A. The clip's mean is subtracted.
- B. Not after the last step.
- C. Only when it is clipped.

</details>
"""


@pytest.fixture
def quiz(tmp_path):
    path = tmp_path / "ears.md"
    path.write_text(GOOD, encoding="utf-8")
    return Quiz(path)


def shown(quiz):
    """Numbers of the questions that are to be seen."""
    panels = enumerate(quiz.panels, start=1)
    return [number for number, panel in panels if panel.layout.display != "none"]


def test_every_lesson_has_a_quiz_of_its_name():
    assert [path.stem for path in FILES] == [path.stem for path in LESSONS]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem[:2])
def test_five_questions_with_one_right_answer_and_a_reason_for_every_option(path):
    quiz = read_quiz(path)
    assert quiz.title.startswith(f"Quiz {path.name[:2]} · ") and len(quiz.questions) == 5
    for question in quiz.questions:
        assert sum(option.is_right for option in question.options) == 1, question.title
        for option in question.options:
            assert len(option.explanation.split()) >= 4, f"{question.title}, {option.letter}"
            assert "$" not in option.text and "](" not in option.text, option.text
    assert len({question.answer for question in quiz.questions}) >= 3, "one place is too frequent"


def has_two_reasons(question):
    """Whether the right option and a wrong one begin alike, up to the first mark."""
    right, *wrong = sorted(question.options, key=lambda option: not option.is_right)
    begins = [re.split(r"[,;.:]", option.text)[0] for option in (right, *wrong)]
    return begins[0] in begins[1:]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem[:2])
def test_some_question_has_two_like_answers_with_two_reasons(path):
    assert any(has_two_reasons(question) for question in read_quiz(path).questions)


def test_right_options_have_no_place_and_no_length_of_their_own():
    questions = [question for path in FILES for question in read_quiz(path).questions]
    places = [question.answer for question in questions]
    assert all(8 <= places.count(letter) <= 22 for letter in "ABCD")
    longest = [max(question.options, key=lambda option: len(option.text)) for question in questions]
    assert sum(option.is_right for option in longest) <= len(questions) / 2


def test_what_stands_in_the_file_is_read():
    quiz = parse_quiz(GOOD)
    first, second = quiz.questions
    assert (quiz.title, first.title, first.answer, second.answer) == ("Ears", "Frames", "B", "A")
    assert first.text == "What does a **long** frame show?"
    assert first.options[1].text == "Tones, one beside another"
    assert first.options[1].explanation == "The bins of a long frame lie close together."
    assert [option.letter for option in second.options] == ["A", "B", "C"]


@pytest.mark.parametrize(
    "old, new, told",
    [
        ("# Ears", "Ears", "line 1: a quiz begins with its title"),
        ("## 1. Frames", "## 2. Frames", 'question 1: its heading is "## 2. Frames"'),
        ("## 2. Level", "## Level", 'question 2: its heading is "## Level"'),
        ("What does a **long** frame show?\n", "", "question 1: nothing is asked"),
        ("- A. Clicks", "- Clicks", 'question 1, options: "- B." stands where "- A."'),
        ("- B. Yes\n- C. Sometimes\n", "", "question 2: it has 1 options"),
        ("- B. Yes", "- B. No", 'question 2: the option "No" is there twice'),
        ("- A. No\n", "- A. \n", "question 2, options: nothing stands after"),
        ("- C. Sometimes", "- C. Sometimes\n\nThink well.", '"Think well." stands below C'),
        ("<details><summary>Answer</summary>\n\nThe answer is **B**", "", "answer is missing"),
        ("together.\n\n</details>", "together.", "question 1: its answer has no end"),
        ("The answer is **B**.", "B or A", 'question 1: its answer begins with "B or A"'),
        ("is **B**.", "is **B** and **A**.", "question 1: its answer begins with"),
        ("The answer is **A**.", "The answer is **D**.", "names D, and the options are A, B, C"),
        ("- B. Not after the last step.\n", "", 'question 2, answer: "- C." stands where "- B."'),
        ("- C. Only when it is clipped.\n", "", "it has 3 options and 2 explanations"),
        ("</details>\n\n## 2", "</details>\n\nNote\n\n## 2", '"Note" stands below </details>'),
    ],
)
def test_a_broken_rule_is_told_with_file_and_question(tmp_path, old, new, told):
    assert GOOD.count(old) == 1, "the example has changed"
    path = tmp_path / "mine.md"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(SgimError) as error:
        read_quiz(path)
    assert str(error.value).startswith("mine.md, ") and told in str(error.value)


def test_a_file_without_questions_or_text_is_told(tmp_path):
    with pytest.raises(SgimError, match="no question"):
        parse_quiz("# Ears\n")
    with pytest.raises(SgimError, match="cannot be read as text"):
        read_quiz(tmp_path / "absent.md")
    (tmp_path / "picture.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SgimError, match="cannot be read as text"):
        read_quiz(tmp_path / "picture.md")


def test_the_example_of_the_page_is_a_quiz():
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    example = page.split("````markdown\n")[1].split("````")[0]
    assert parse_quiz(example).questions[0].answer == "B"
    assert all(f"]({path.name})" in page for path in FILES)


def test_marks_become_html_or_plain_text():
    text = "Is `a < b` **so** *here*? See [02](x.md).\n\n```python\nx = 1 < 2\n```"
    assert as_html(text) == (
        "<p>Is <code>a &lt; b</code> <b>so</b> <i>here</i>? See <span>02</span>.</p>"
        "<pre>x = 1 &lt; 2</pre>"
    )
    assert as_plain("Is `a < b` **so** *here*, 2 * 3 * 4?") == "Is a < b so here, 2 * 3 * 4?"


def test_a_choice_is_explained_at_once_and_the_first_one_counts(quiz):
    first = quiz.panels[0]
    assert [label for label, _ in first.choices.options] == [
        "A. Clicks, in time",
        "B. Tones, one beside another",
    ]
    first.check.click()
    assert UNCHOSEN in first.reply.value and first.first is None
    first.choices.value = "A"
    first.check.click()
    assert "Not right." in first.reply.value and "They are smeared." in first.reply.value
    first.choices.value = "B"
    assert "smeared" not in first.reply.value, "the reason of another option stays"
    first.check.click()
    assert "<b>B. Right.</b>" in first.reply.value and "close together" in first.reply.value
    assert (quiz.score, quiz.is_complete) == (0, False)
    assert "1 of 2 answered" in quiz.status.value
    option = quiz.choose(2, "A")
    assert option.is_right and option.explanation == "The clip's mean is subtracted."
    assert (quiz.score, quiz.is_complete) == (1, True)
    assert "1 of 2 right" in quiz.status.value and "1 (Frames)" in quiz.status.value


def test_one_question_is_shown_after_another_and_all_can_be_forgotten(quiz):
    assert shown(quiz) == [1]
    quiz.back.click()
    assert shown(quiz) == [1]
    quiz.next.click()
    quiz.next.click()
    assert shown(quiz) == [2]
    assert quiz.choose(1, "B").is_right and shown(quiz) == [1]
    quiz.choose(2, "C")
    quiz.again.click()
    assert (quiz.score, quiz.is_complete, shown(quiz)) == (0, False, [1])
    assert quiz.panels[1].choices.value is None and "clipped" not in quiz.panels[1].reply.value


def test_all_questions_can_stand_below_each_other():
    quiz = Quiz(4, all_at_once=True)
    assert shown(quiz) == [1, 2, 3, 4, 5]
    for number, question in enumerate(read_quiz(find_quiz("04")).questions, start=1):
        quiz.choose(number, question.answer)
    assert quiz.score == 5 and "5 of 5 right" in quiz.status.value
    assert "Look again" not in quiz.status.value


def test_a_wrong_number_or_letter_is_refused(quiz):
    with pytest.raises(SgimError, match="between 1 and 2"):
        quiz.choose(3, "A")
    with pytest.raises(SgimError, match="must be one of A, B"):
        quiz.choose(1, "C")
    with pytest.raises(SgimError, match=r"lesson is '77'; there are quizzes for 00, 01"):
        Quiz("77")


def test_a_page_without_kernel_says_what_is_missing(quiz):
    data = quiz._repr_mimebundle_()
    assert data["text/plain"].startswith("A quiz of 2 questions: run the notebook")
    assert "run the notebook" in data["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in data


def test_without_the_documents_one_sentence_tells_where_they_are(monkeypatch, tmp_path):
    monkeypatch.setattr(quiz_module, "clone_places", lambda: [tmp_path])
    quiz = Quiz("04")
    assert (quiz.panels, quiz.score, repr(quiz)) == ((), 0, ABSENT)
    assert "docs" in quiz.status.value and quiz.status.value.count(".") == 1
