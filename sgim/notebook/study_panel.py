"""A study in a notebook: consent, one question after the other, answers in a file.

`Study` and a folder -> a panel -> `answers_<rater>.csv`, whole after every answer
"""

import html
import os
import time

import ipywidgets as widgets
import torch

from sgim.checks import SgimError
from sgim.evaluation.human_study import Question, Study
from sgim.evaluation.study_answers import AnswerFile
from sgim.evaluation.study_order import new_rater
from sgim.notebook.inline_media import encode_png, encode_wav
from sgim.notebook.studio_controls import ERROR
from sgim.notebook.study_page import consent_of, data_uri

SIDE = 240
"""Width of a picture, in pixels."""

SIDES = ("left", "right")


class StudyPanel(widgets.VBox):
    """Shows the questions of a study to one rater.

    A choice is made with a button, or with 1 or 2 typed into the field `typed`, which keeps the
    focus. What goes wrong appears in the panel as one sentence.

    Parameters
    ----------
    study : Study
    folder : str or os.PathLike
        Where `answers_<rater>.csv` goes.
    rater : int
        The number of a rater who goes on after a pause; drawn when left out.

    Raises
    ------
    SgimError
        When the folder holds answers of this rater to another study.
    """

    def __init__(
        self, study: Study, folder: str | os.PathLike = "answers", rater: int | None = None
    ):
        self.study = study
        self.file = AnswerFile(folder, study, new_rater() if rater is None else rater)
        self._order = study.shown_to(self.file.rater)
        self._shown_at = 0.0
        self._make_widgets()
        super().__init__([self.words, self.status])
        if self.file.answers:
            self._show_question()
        else:
            self._show_consent()

    def _make_widgets(self) -> None:
        self.words, self.status = widgets.HTML(), widgets.HTML()
        self.pictures, self.player = widgets.HTML(), widgets.HTML()
        self.begin = widgets.Button(
            description="I have read this and take part",
            button_style="primary",
            layout=widgets.Layout(width="auto"),
        )
        self.begin.on_click(lambda _: self._show_question())
        self.buttons = [
            widgets.Button(description=f"{key} · {side}", tooltip=f"Choose the {side} picture")
            for key, side in enumerate(SIDES, start=1)
        ]
        for side, button in enumerate(self.buttons):
            button.on_click(lambda _, side=side: self._choose(side))
        self.typed = widgets.Text(
            description="or type",
            placeholder="1 or 2",
            tooltip="Type 1 for the left picture, 2 for the right one",
            layout=widgets.Layout(width="180px"),
        )
        self.typed.observe(self._follow_typed, names="value")

    def _show_consent(self) -> None:
        paragraphs = "".join(f"<p>{html.escape(text)}</p>" for text in consent_of(self.study))
        self.words.value = f"<h3>{html.escape(self.study.title)}</h3>{paragraphs}"
        self.children = [self.words, self.begin, self.status]

    def _show_question(self) -> None:
        if self.file.is_complete:
            self._show_end()
            return
        question, left = self._order[self.file.position - 1]
        self.words.value = (
            f"<p>Question {self.file.position} of {len(self._order)} · your number is "
            f"{self.file.rater}</p><h4>{html.escape(self.study.asked)}</h4>"
        )
        self.player.value = _player(question)
        self.pictures.value = _pictures(question, left)
        choices = widgets.HBox([*self.buttons, self.typed])
        self.children = [self.words, self.player, self.pictures, choices, self.status]
        self._shown_at = time.monotonic()

    def _show_end(self) -> None:
        self.words.value = (
            "<p>All questions are answered. Thank you! Hand in the file "
            f"<code>{html.escape(str(self.file.path))}</code>.</p>"
        )
        self.children = [self.words, self.status]

    def _choose(self, side: int) -> None:
        try:
            self.file.choose(side, time.monotonic() - self._shown_at)
        except (SgimError, OSError) as error:
            self._complain(f"The answer was not kept: {error}")
            return
        self.status.value = ""
        self._show_question()

    def _follow_typed(self, change) -> None:
        text = change["new"].strip()
        if not text:
            return
        self.typed.value = ""
        if text in ("1", "2"):
            self._choose(int(text) - 1)
        else:
            self._complain("Type 1 for the left picture or 2 for the right one.")

    def _complain(self, sentence: str) -> None:
        self.status.value = (
            f'<span role="alert" style="color:{ERROR}">{html.escape(sentence)}</span>'
        )


def _player(question: Question) -> str:
    wav = encode_wav(question.trial.waveform, question.trial.sample_rate)
    return f'<audio controls aria-label="The sound" src="{data_uri("audio/wav", wav)}"></audio>'


def _pictures(question: Question, left: int) -> str:
    """The scene before, and the two pictures side by side; nothing tells which is which."""
    before = _figure("The scene before", question.trial.source)
    sides = zip(("1 · left", "2 · right"), (left, 1 - left), strict=True)
    pair = "".join(_figure(name, question.pictures[at]) for name, at in sides)
    row = "display:flex;gap:12px"
    both = f'<div style="{row};flex:0 1 {2 * SIDE + 12}px;min-width:0">{pair}</div>'
    return f'<div style="{row};flex-wrap:wrap">{before}{both}</div>'


def _figure(name: str, picture: torch.Tensor) -> str:
    address = data_uri("image/png", encode_png(picture[None]))
    return (
        f'<figure style="margin:0;flex:0 1 {SIDE}px;min-width:0">'
        f'<img alt="{name}" style="width:100%" src="{address}">'
        f'<figcaption style="text-align:center">{name}</figcaption></figure>'
    )
