"""Answers of a study: one CSV file per rater, whole after every answer, taken up where it ends.

a question and a choice -> `Answer` -> a row of a file; files of many raters -> a list of `Answer`
"""

import csv
import dataclasses
import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sgim.checks import atomic_path, require, require_one_of
from sgim.evaluation.human_study import CHECK, PAIR, Study
from sgim.evaluation.study_order import check_rater
from sgim.files.tables import TableRow, read_table


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One choice of one rater; the fields are the columns of the file.

    `study` and `rater` are numbers without a person's name; `needed_right` is the study's rule;
    `position` counts from 1 in the order of this rater; `left`, `right`, `chosen` and `known` name
    options, methods for example; `known` is empty in a pair; `seconds` passed before the choice.
    """

    study: str
    rater: int
    needed_right: int
    position: int
    question: str
    kind: str
    scene: str
    sound: str
    left: str
    right: str
    chosen: str
    known: str
    seconds: float

    @property
    def options(self) -> tuple[str, str]:
        """The two options in alphabetical order, whatever their sides."""
        return tuple(sorted((self.left, self.right)))


COLUMNS = tuple(field.name for field in dataclasses.fields(Answer))


def answer_to(study: Study, rater: int, position: int, side: int, seconds: float) -> Answer:
    """What a rater said at a position, from 1, by choosing the left (0) or the right (1) side."""
    question, left = study.shown_to(rater)[position - 1]
    sides = question.options[left], question.options[1 - left]
    return Answer(
        study=study.name,
        rater=rater,
        needed_right=study.needed_right,
        position=position,
        question=question.name,
        kind=question.kind,
        scene=question.trial.scene,
        sound=question.trial.sound,
        left=sides[0],
        right=sides[1],
        chosen=sides[side],
        known=question.known,
        seconds=round(seconds, 1),
    )


class AnswerFile:
    """The answers of one rater on disk.

    Parameters
    ----------
    folder : str or os.PathLike
        Made when it is not there.
    study : Study
    rater : int
        A file that this rater has begun is taken up.

    Raises
    ------
    SgimError
        When the file holds answers to another study, or of another rater.
    """

    def __init__(self, folder: str | os.PathLike, study: Study, rater: int):
        check_rater(rater)
        self.path = Path(folder) / f"answers_{rater}.csv"
        self.study, self.rater = study, rater
        self.answers = read_answers([self.path]) if self.path.exists() else []
        fits = all((one.study, one.rater) == (study.name, rater) for one in self.answers)
        require(
            fits,
            f"{self.path} holds answers to another study, or of another rater; move the file "
            "away, or take another folder.",
        )

    @property
    def position(self) -> int:
        """The position of the next question, from 1."""
        return len(self.answers) + 1

    @property
    def is_complete(self) -> bool:
        """Whether all questions are answered."""
        return len(self.answers) == len(self.study.questions)

    def choose(self, side: int, seconds: float) -> None:
        """Keep the choice of the left (0) or right (1) picture; the file is whole at any moment."""
        require_one_of("side", side, (0, 1))
        require(not self.is_complete, f"{self.path} is complete; there is no question left.")
        answer = answer_to(self.study, self.rater, self.position, side, seconds)
        write_answers(self.path, [*self.answers, answer])
        self.answers.append(answer)


def write_answers(path: str | os.PathLike, answers: Iterable[Answer]) -> None:
    """Write a file of answers, whole or not at all."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(dataclasses.astuple(answer) for answer in answers)


def read_answers(paths: Iterable[str | os.PathLike]) -> list[Answer]:
    """Answers of all files; what stands in several of them, as after saving twice, counts once.

    Raises
    ------
    SgimError
        When a file is missing or damaged, when answers belong to different studies, or when a
        rater answered a question in two ways.
    """
    found: dict[tuple[int, str], tuple[str, Answer]] = {}
    studies: dict[str, str] = {}
    for path in paths:
        for row in read_table(path, COLUMNS):
            answer = _answer(row)
            place, before = found.setdefault((answer.rater, answer.question), (row.place, answer))
            require(
                before == answer,
                f"{row.place} is another answer of rater {answer.rater} to {answer.question} than "
                f"{place}; keep one of the two files.",
            )
            studies.setdefault(answer.study, row.place)
    require(
        len(studies) <= 1,
        f"The answers belong to {len(studies)} studies ({', '.join(studies.values())}); analyze "
        "one study at a time.",
    )
    return [answer for _, answer in found.values()]


def _answer(row: TableRow) -> Answer:
    answer = Answer(
        **{name: row[name] for name in ("study", "question", "kind", "scene", "sound")},
        **{name: row[name] for name in ("left", "right", "chosen", "known")},
        **{name: row.number(name) for name in ("rater", "needed_right", "position")},
        seconds=_seconds(row),
    )
    expected = CHECK if answer.known else PAIR
    require(
        answer.chosen in (answer.left, answer.right)
        and answer.known in ("", answer.left, answer.right)
        and answer.left != answer.right
        and answer.kind == expected,
        f"{row.place} fits no question: chosen and known must be left or right, and kind {PAIR} or "
        f"{CHECK}; correct that line.",
    )
    return answer


def _seconds(row: TableRow) -> float:
    """Seconds, also where a spreadsheet writes a decimal comma."""
    try:
        seconds = float(row["seconds"].replace(",", "."))
    except ValueError:
        seconds = math.nan
    require(
        0 <= seconds < math.inf,
        f"seconds in {row.place} is {row['seconds']!r}; it must be a number: correct the table.",
    )
    return seconds
