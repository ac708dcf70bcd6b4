"""The study in a notebook, without a browser: buttons are clicked and keys typed by hand."""

import base64
import io
import re

import pytest
import torch
from PIL import Image
from study_makers import METHODS, SCENES, SOUNDS, make_study

from sgim.checks import SgimError
from sgim.evaluation.human_study import OTHER_SOUND, UNEDITED
from sgim.evaluation.study_answers import read_answers
from sgim.media.picture_files import to_pictures
from sgim.notebook.study_panel import StudyPanel

RATER = 42


@pytest.fixture
def panel(tmp_path):
    panel = StudyPanel(make_study(), tmp_path, RATER)
    panel.begin.click()
    return panel


def texts(panel):
    return [panel.words.value, panel.player.value, panel.pictures.value, panel.status.value]


def shown(panel):
    """The pictures in the panel: source, left, right."""
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', panel.pictures.value)
    return [Image.open(io.BytesIO(base64.b64decode(text))).tobytes() for text in found]


def test_consent_comes_before_the_first_question(tmp_path):
    panel = StudyPanel(make_study(), tmp_path)
    assert "voluntary" in panel.words.value and panel.begin in panel.children
    assert not list(tmp_path.iterdir())
    panel.begin.click()
    assert "Question 1 of 10" in panel.words.value


def test_buttons_and_keys_choose_the_picture_that_is_shown_there(panel):
    for position, (question, left) in enumerate(make_study().shown_to(RATER)):
        expected = torch.stack(
            [question.trial.source, question.pictures[left], question.pictures[1 - left]]
        )
        assert shown(panel) == [picture.tobytes() for picture in to_pictures(expected)]
        side = position % 2
        if position < 5:
            panel.buttons[side].click()
        else:
            panel.typed.value = str(side + 1)
        assert panel.typed.value == ""
        answer = panel.file.answers[-1]
        assert answer.chosen == question.options[left if side == 0 else 1 - left]
    assert "Thank you" in panel.words.value and panel.file.path.name in panel.words.value
    assert read_answers([panel.file.path]) == panel.file.answers


def test_a_rater_goes_on_where_they_stopped(panel, tmp_path):
    for _ in range(3):
        panel.buttons[0].click()
    again = StudyPanel(make_study(), tmp_path, RATER)
    assert "Question 4 of 10" in again.words.value
    with pytest.raises(SgimError, match="answers to another study"):
        StudyPanel(make_study(seed=3), tmp_path, RATER)


def test_nothing_in_the_panel_names_methods_scenes_or_sounds(panel):
    for _ in range(10):
        told = " ".join(re.sub(r"base64,[^\"]+", "", text) for text in texts(panel))
        for name in (*METHODS, *SCENES, *SOUNDS, UNEDITED, OTHER_SOUND):
            assert not re.search(rf"\b{name}\b", told), name
        panel.buttons[0].click()


def test_a_wrong_key_and_a_full_disk_are_told_in_one_sentence(panel, monkeypatch):
    panel.typed.value = "3"
    assert "Type 1 for the left picture" in panel.status.value and panel.typed.value == ""
    assert panel.file.position == 1

    def fail(*arguments):
        raise OSError("no space left")

    monkeypatch.setattr("os.replace", fail)
    panel.buttons[0].click()
    assert "The answer was not kept: no space left" in panel.status.value
    assert "Question 1 of 10" in panel.words.value
    monkeypatch.undo()
    panel.buttons[0].click()
    assert panel.status.value == "" and "Question 2 of 10" in panel.words.value


def test_words_of_the_study_are_shown_as_they_are(tmp_path):
    panel = StudyPanel(make_study(title="<b>", asked="a < b?"), tmp_path, RATER)
    assert "&lt;b&gt;" in panel.words.value
    panel.begin.click()
    assert "a &lt; b?" in panel.words.value
