"""Questions with several answers, from a Markdown file that reads well as it is.

`docs/quizzes/NN_name.md` -> `read_quiz` -> `QuizText`: questions, options, a reason for each
"""

import html
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sgim.checks import SgimError, require, require_one_of

ANSWER = "<details><summary>Answer</summary>"
END = "</details>"
LETTERS = "ABCDEF"
"""Names of options; a question has two at least."""

_QUESTION = re.compile(r"^## +", re.MULTILINE)
_HEADING = re.compile(r"(\d+)\. +(\S.*)")
_ITEM = re.compile(r"^- ([A-Z])\. ", re.MULTILINE)
_RIGHT = re.compile(r"The answer is \*\*([A-Z])\*\*\.")
_FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"`([^`]+)`|\*\*(\S.*?)\*\*|\*(\S.*?)\*|\[([^\]]+)\]\([^)]*\)")
_TAGS = ("code", "b", "i", "span")


@dataclass(frozen=True)
class Option:
    """One option of a question, as Markdown, and why it is right or wrong."""

    letter: str
    text: str
    explanation: str
    is_right: bool


@dataclass(frozen=True)
class Question:
    """A question with its options; exactly one of them is right. Texts are Markdown."""

    title: str
    text: str
    options: tuple[Option, ...]

    def option(self, letter: str) -> Option:
        """The option of a letter.

        Raises
        ------
        SgimError
            When the question has no such option.
        """
        letters = tuple(option.letter for option in self.options)
        require_one_of("the chosen option", letter, letters)
        return self.options[letters.index(letter)]

    @property
    def answer(self) -> str:
        """The letter of the right option."""
        return next(option.letter for option in self.options if option.is_right)


@dataclass(frozen=True)
class QuizText:
    """What a quiz file holds."""

    title: str
    questions: tuple[Question, ...]


def read_quiz(path: str | os.PathLike) -> QuizText:
    """Read a quiz; `docs/quizzes/README.md` describes the format.

    Raises
    ------
    SgimError
        For a file that cannot be read or breaks a rule; the sentence names file, question and rule.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SgimError(f"{path} cannot be read as text; pass a Markdown file in UTF-8.") from error
    try:
        return parse_quiz(text)
    except SgimError as error:
        raise SgimError(f"{path.name}, {error}") from None


def parse_quiz(text: str) -> QuizText:
    """The same from the text of a file.

    Raises
    ------
    SgimError
        When the text breaks a rule of the format.

    Examples
    --------
    >>> quiz = parse_quiz('''# Ears
    ...
    ... ## 1. Rain
    ...
    ... What does a longer frame show better?
    ...
    ... - A. Clicks
    ... - B. Tones
    ...
    ... <details><summary>Answer</summary>
    ...
    ... The answer is **B**.
    ...
    ... - A. They are smeared over the frame.
    ... - B. The bins of a long frame lie close together.
    ...
    ... </details>
    ... ''')
    >>> quiz.questions[0].answer
    'B'
    """
    head, *parts = _QUESTION.split(text.strip())
    require(
        head.startswith("# "), 'line 1: a quiz begins with its title: write "# " and a title first.'
    )
    require(bool(parts), 'the file has no question: begin each with a heading such as "## 1. Why".')
    title = head.splitlines()[0][2:].strip()
    return QuizText(title, tuple(_question(*one) for one in enumerate(parts, start=1)))


def _question(number: int, part: str) -> Question:
    where = f"question {number}"
    heading, _, body = part.partition("\n")
    found = _HEADING.fullmatch(heading.strip())
    require(
        found is not None and int(found[1]) == number,
        f'{where}: its heading is "## {heading.strip()}"; questions are numbered from 1: '
        f'write "## {number}. " and a title.',
    )
    asked, opened, answer = body.partition(ANSWER)
    require(bool(opened), f"{where}: its answer is missing; write {ANSWER} after the options.")
    answer, closed, rest = answer.partition(END)
    require(bool(closed), f"{where}: its answer has no end; write {END} below it.")
    require(
        not rest.strip(),
        f'{where}: "{_short(rest)}" stands below {END}; a question ends there: move it up.',
    )
    text, options = _items(f"{where}, options", asked)
    require(bool(text), f"{where}: nothing is asked; write the question above its options.")
    _check_options(where, options)
    right, explanations = _items(f"{where}, answer", answer)
    _check_answer(where, right, options, explanations)
    letter = _RIGHT.fullmatch(right)[1]
    triples = zip(LETTERS[: len(options)], options, explanations, strict=True)
    return Question(
        found[2].strip(), text, tuple(Option(*triple, triple[0] == letter) for triple in triples)
    )


def _items(where: str, text: str) -> tuple[str, list[str]]:
    """What stands above a list, and its items; their letters go from A without a gap."""
    above, *pairs = _ITEM.split(text)
    items = [item.strip() for item in pairs[1::2]]
    for place, (letter, item) in enumerate(zip(pairs[::2], items, strict=True)):
        expected = chr(ord(LETTERS[0]) + place)
        require(
            letter == expected, f'{where}: "- {letter}." stands where "- {expected}." is expected.'
        )
        require(bool(item), f'{where}: nothing stands after "- {letter}."; write a sentence.')
        require(
            "\n\n" not in item,
            f'{where}: "{_short(item.partition(chr(10) * 2)[2])}" stands below {letter}; an item '
            "is one paragraph: leave no empty line in it, and write nothing below the list.",
        )
    return above.strip(), [" ".join(item.split()) for item in items]


def _check_options(where: str, options: Sequence[str]) -> None:
    require(
        2 <= len(options) <= len(LETTERS),
        f"{where}: it has {len(options)} options; from 2 to {len(LETTERS)} are possible: begin a "
        'line with "- A. " for each.',
    )
    for place, option in enumerate(options):
        require(
            option not in options[:place],
            f'{where}: the option "{_short(option)}" is there twice; change one of them.',
        )


def _check_answer(
    where: str, right: str, options: Sequence[str], explanations: Sequence[str]
) -> None:
    found, known = _RIGHT.fullmatch(right), LETTERS[: len(options)]
    require(
        found is not None,
        f'{where}: its answer begins with "{_short(right)}"; one option is right: write '
        '"The answer is **B**." and nothing else above the explanations.',
    )
    require(
        found[1] in known,
        f"{where}: the answer names {found[1]}, and the options are {', '.join(known)}; name one.",
    )
    require(
        len(explanations) == len(options),
        f"{where}: it has {len(options)} options and {len(explanations)} explanations; explain "
        'each option, as "- A. text".',
    )


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 40 else f"{words[:39]}…"


def as_plain(markdown: str) -> str:
    """Text without its marks, for labels.

    >>> as_plain("The **mean** of `ws`")
    'The mean of ws'
    """
    return _MARK.sub(lambda found: found[found.lastindex], markdown)


def as_html(markdown: str) -> str:
    """Paragraphs, code, bold and italic letters as HTML; links become their text.

    >>> as_html("Is `a < b` *always* so?")
    '<p>Is <code>a &lt; b</code> <i>always</i> so?</p>'
    """
    pieces = _FENCE.split(markdown)
    blocks = []
    for place, piece in enumerate(pieces):
        if place % 2:
            blocks.append(f"<pre>{html.escape(piece.rstrip())}</pre>")
        else:
            paragraphs = (part for part in re.split(r"\n\s*\n", piece) if part.strip())
            blocks += [f"<p>{_MARK.sub(_tagged, html.escape(p.strip()))}</p>" for p in paragraphs]
    return "".join(blocks)


def _tagged(found: re.Match) -> str:
    tag = _TAGS[found.lastindex - 1]
    return f"<{tag}>{found[found.lastindex]}</{tag}>"
