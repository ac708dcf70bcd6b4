"""A quiz on a lesson: radio buttons, a reason for every choice, a score.

lesson -> `find_quiz` -> `docs/quizzes/NN_name.md` -> `Quiz`: one question after another, or all
"""

import html
import os
from collections.abc import Callable
from pathlib import Path

import ipywidgets as widgets

from sgim.checks import require, require_in_range
from sgim.notebook.lessons import clone_places
from sgim.notebook.quiz_text import Option, Question, as_html, as_plain, read_quiz

FOLDER = os.path.join("docs", "quizzes")
STYLE = Path(__file__).with_name("quiz.css").read_text(encoding="utf-8")
ABSENT = (
    f"The quizzes are not here; they are in the folder {FOLDER} of the repository: clone it, or "
    "set the environment variable SGIM_SOURCE to its folder."
)
UNCHOSEN = "Choose an option first."


def find_quiz(lesson: int | str | os.PathLike) -> Path | None:
    """The Markdown file of a quiz, wherever the kernel was started; None without a clone.

    Parameters
    ----------
    lesson : int, str or os.PathLike
        Number of a lesson, such as "04" or 4, or the path of a Markdown file.

    Raises
    ------
    SgimError
        When neither a quiz of that number nor a file of that name is there.
    """
    if Path(lesson_name := str(lesson)).suffix == ".md":
        return Path(lesson_name)
    folder = next(
        (found for place in clone_places() if (found := Path(place, FOLDER)).is_dir()), None
    )
    if folder is None:
        return None
    known = {path.name[:2]: path for path in sorted(folder.glob("[0-9][0-9]_*.md"))}
    require(
        lesson_name.zfill(2) in known,
        f"lesson is {lesson!r}; there are quizzes for {', '.join(known)}: pass one of these "
        "numbers, or the path of a Markdown file.",
    )
    return known[lesson_name.zfill(2)]


class QuestionPanel(widgets.VBox):
    """One question: radio buttons, a button "Check", and why the choice is right or wrong.

    `first` is the first letter that was checked, None before; it alone counts.

    Parameters
    ----------
    heading : str
        Stands above the question.
    question : Question
    on_checked : function
        Called without arguments after each check.
    """

    def __init__(self, heading: str, question: Question, on_checked: Callable[[], None]):
        self.question, self.first = question, None
        self._on_checked = on_checked
        words = f"<h4>{html.escape(heading)}</h4>{as_html(question.text)}"
        self.choices = widgets.RadioButtons(
            options=[
                (f"{one.letter}. {as_plain(one.text)}", one.letter) for one in question.options
            ],
            value=None,
            description="answer",
            style={"description_width": "60px"},
        )
        self.check = widgets.Button(description="Check", icon="check", button_style="primary")
        self.reply = widgets.HTML()
        self.choices.observe(lambda _: self._say(""), names="value")
        self.check.on_click(lambda _: self._check())
        super().__init__([widgets.HTML(words), self.choices, self.check, self.reply])

    @property
    def is_right(self) -> bool:
        """Whether the first choice was right."""
        return self.first == self.question.answer

    def restart(self) -> None:
        """Forget what was chosen."""
        self.first = self.choices.value = None

    def _check(self) -> None:
        if self.choices.value is None:
            self._say(UNCHOSEN)
            return
        option = self.question.option(self.choices.value)
        self.first = self.first or option.letter
        verdict = "Right." if option.is_right else "Not right."
        self._say(f"<b>{option.letter}. {verdict}</b> {as_html(option.explanation)}", option)
        self._on_checked()

    def _say(self, words: str, option: Option | None = None) -> None:
        kind = "" if option is None else " right" if option.is_right else " wrong"
        shown = f'<div class="sgim-reply{kind}">{words}</div>' if words else ""
        self.reply.value = f'<div role="status" aria-live="polite">{shown}</div>'


class Quiz(widgets.VBox):
    """The quiz of a lesson.

    Choose with the mouse, or with Tab and the space bar, and press Check: the reason appears at
    once. The first choice of a question counts; look at the other reasons afterwards. Colors are
    those of JupyterLab's theme. Without the clone's documents the panel says so in one sentence.

    Parameters
    ----------
    lesson : int, str or os.PathLike
        Number of a lesson, such as "04", or the path of a Markdown file of your own.
    all_at_once : bool
        All questions below each other, in place of one after another.

    Raises
    ------
    SgimError
        For an unknown lesson, and a file that breaks a rule of the format.

    Examples
    --------
    A call does what a mouse does:

    >>> quiz = Quiz("04")  # doctest: +SKIP
    >>> quiz.choose(1, "B").is_right  # doctest: +SKIP
    True
    >>> quiz.score  # doctest: +SKIP
    1
    """

    def __init__(self, lesson: int | str | os.PathLike, *, all_at_once: bool = False):
        path = find_quiz(lesson)
        self.panels: tuple[QuestionPanel, ...] = ()
        self.place, self._all_at_once = 0, all_at_once
        self.status = widgets.HTML()
        if path is None:
            self.status.value = f"<p>{html.escape(ABSENT)}</p>"
            super().__init__([self.status])
            return
        quiz = read_quiz(path)
        count = len(quiz.questions)
        self.panels = tuple(
            QuestionPanel(f"{number} of {count} · {question.title}", question, self._show)
            for number, question in enumerate(quiz.questions, start=1)
        )
        self._make_buttons()
        title = widgets.HTML(f"<style>{STYLE}</style><h3>{html.escape(quiz.title)}</h3>")
        steps = [] if all_at_once else [self.back, self.next]
        # The buttons stand first: Tab leads from "Next" to the options of the new question.
        buttons = widgets.HBox([*steps, self.again])
        super().__init__([title, buttons, *self.panels, self.status])
        self.add_class("sgim-quiz")
        self._show()

    def _make_buttons(self) -> None:
        self.back = widgets.Button(description="Back", icon="arrow-left")
        self.next = widgets.Button(description="Next", icon="arrow-right")
        self.again = widgets.Button(description="Start again", icon="refresh")
        self.back.on_click(lambda _: self.go_to(max(self.place, 1)))
        self.next.on_click(lambda _: self.go_to(min(self.place + 2, len(self.panels))))
        self.again.on_click(lambda _: self.restart())

    @property
    def score(self) -> int:
        """How many questions were answered right at the first try."""
        return sum(panel.is_right for panel in self.panels)

    @property
    def is_complete(self) -> bool:
        """Whether every question was answered."""
        return all(panel.first for panel in self.panels)

    def choose(self, number: int, letter: str) -> Option:
        """Choose an option, check it, and get it with its explanation.

        Parameters
        ----------
        number : int
            Of the question, from 1.
        letter : str
            For example "B".
        """
        self.go_to(number)
        panel = self.panels[number - 1]
        option = panel.question.option(letter)
        panel.choices.value = letter
        panel.check.click()
        return option

    def go_to(self, number: int) -> None:
        """Show a question, from 1."""
        require_in_range("number of the question", number, 1, len(self.panels))
        self.place = number - 1
        self._show()

    def restart(self) -> None:
        """Forget all answers and begin with the first question."""
        for panel in self.panels:
            panel.restart()
        self.place = 0
        self._show()

    def _show(self) -> None:
        for place, panel in enumerate(self.panels):
            shown = self._all_at_once or place == self.place
            panel.layout.display = None if shown else "none"
        self.status.value = f'<div role="status" aria-live="polite"><p>{self._summary()}</p></div>'

    def _summary(self) -> str:
        answered, count = sum(panel.first is not None for panel in self.panels), len(self.panels)
        if not self.is_complete:
            return f"{answered} of {count} answered; the first choice counts."
        missed = [
            f"{number} ({html.escape(panel.question.title)})"
            for number, panel in enumerate(self.panels, start=1)
            if not panel.is_right
        ]
        advice = f" Look again at {', '.join(missed)}." if missed else ""
        return f"<b>{self.score} of {count} right at the first try.</b>{advice}"

    def __repr__(self) -> str:
        """What a page shows on which no kernel runs."""
        if not self.panels:
            return ABSENT
        return f"A quiz of {len(self.panels)} questions: run the notebook to answer them."

    def _repr_mimebundle_(self, **kwargs) -> dict:
        """The widget, and a sentence for pages without a kernel."""
        return {**super()._repr_mimebundle_(**kwargs), "text/html": f"<p>{self!r}</p>"}
