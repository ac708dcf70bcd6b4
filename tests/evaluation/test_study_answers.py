"""Answers on disk: whole after each, taken up where a rater stopped, read as they come back."""

import dataclasses

import pytest
from study_makers import make_study

from sgim.checks import SgimError
from sgim.evaluation.study_answers import COLUMNS, AnswerFile, read_answers, write_answers

RATER = 1_234_567


def answered(folder, count, rater=RATER, study=None):
    file = AnswerFile(folder, study or make_study(), rater)
    for number in range(count):
        file.choose(number % 2, 1.25)
    return file


def test_the_file_is_whole_after_every_answer(tmp_path):
    file = AnswerFile(tmp_path, make_study(), RATER)
    for number in range(1, 11):
        file.choose(0, 2.0)
        assert read_answers([file.path]) == file.answers
        assert len(file.path.read_text().splitlines()) == 1 + number
    assert file.is_complete
    with pytest.raises(SgimError, match="there is no question left"):
        file.choose(0, 2.0)


def test_a_rater_who_stopped_goes_on_at_the_next_question(tmp_path):
    before = answered(tmp_path, 4)
    after = AnswerFile(tmp_path, make_study(), RATER)
    assert after.position == 5 and after.answers == before.answers
    after.choose(1, 1.0)
    assert after.answers[4].position == 5


def test_a_disk_that_fails_leaves_the_answers_so_far(tmp_path, monkeypatch):
    file = answered(tmp_path, 3)

    def fail(*arguments):
        raise OSError("no space left")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="no space left"):
        file.choose(0, 1.0)
    assert file.position == 4 and read_answers([file.path]) == file.answers
    assert [path.name for path in tmp_path.iterdir()] == [file.path.name]


def test_what_was_chosen_is_the_picture_that_stood_on_that_side(tmp_path):
    study = make_study()
    file = answered(tmp_path, 10, study=study)
    for (question, left), answer in zip(study.shown_to(RATER), file.answers, strict=True):
        assert answer.left == question.options[left]
        assert answer.chosen == (answer.left, answer.right)[(answer.position - 1) % 2]
        assert (answer.kind, answer.known) == (question.kind, question.known)
    assert file.path.read_text().splitlines()[0] == ",".join(COLUMNS)


def test_answers_to_another_study_are_not_mixed_in(tmp_path):
    answered(tmp_path, 2)
    with pytest.raises(SgimError, match="answers to another study"):
        AnswerFile(tmp_path, make_study(seed=9), RATER)
    answered(tmp_path / "other", 2, rater=5, study=make_study(seed=9))
    with pytest.raises(SgimError, match="belong to 2 studies"):
        read_answers(tmp_path.rglob("*.csv"))


def test_a_file_that_was_saved_twice_counts_once_and_two_minds_are_refused(tmp_path):
    file = answered(tmp_path, 3)
    write_answers(tmp_path / "again.csv", file.answers[:2])
    assert read_answers(tmp_path.glob("*.csv")) == read_answers([file.path])
    first = file.answers[0]
    turned = dataclasses.replace(
        first, chosen={first.left, first.right}.difference([first.chosen]).pop()
    )
    write_answers(tmp_path / "turned.csv", [turned])
    with pytest.raises(SgimError, match="another answer of rater 1234567"):
        read_answers(tmp_path.glob("*.csv"))


def test_a_table_that_went_through_a_spreadsheet_is_the_same(tmp_path):
    file = answered(tmp_path, 3)
    text = file.path.read_text().replace(",", ";").replace("1.2", "1,2")
    (tmp_path / "sheet.csv").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert read_answers([tmp_path / "sheet.csv"]) == file.answers


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("chosen", "pink", "fits no question"),
        ("kind", "guess", "fits no question"),
        ("rater", "ann", "rater in .* line 2 is 'ann'"),
        ("seconds", "soon", "seconds in .* is 'soon'"),
    ],
)
def test_a_damaged_line_is_named(tmp_path, column, cell, words):
    file = answered(tmp_path, 1)
    head, row = file.path.read_text().splitlines()
    cells = row.split(",")
    cells[COLUMNS.index(column)] = cell
    file.path.write_text(f"{head}\n{','.join(cells)}\n")
    with pytest.raises(SgimError, match=words):
        read_answers([file.path])


def test_a_file_without_its_columns_is_named(tmp_path):
    (tmp_path / "a.csv").write_text("rater,chosen\n1,red\n")
    with pytest.raises(SgimError, match="has no column study"):
        read_answers([tmp_path / "a.csv"])
