"""What a lesson shows, one thing after another: the slides of a talk.

lesson with stored outputs -> predictions, figures and players with their claims, recap -> `Slide`

A claim stands in the lesson as **Claim:** below its figure, a prediction as **Guess first** or
**Before you run this** above it. What else the text says becomes the speaker's notes.
"""

import re
from dataclasses import dataclass, field

HEADING = re.compile(r"^(#{1,3}) (.*)$", re.MULTILINE)
CLAIM = re.compile(
    r"\*\*(?:One )?[Cc]laim:\*\*\s*(?P<claim>.*?)\s*"
    r"(?:\*\*(?:One )?[Cc]aveat:\*\*\s*(?P<caveat>.*?)\s*)?"
    r"(?=\n\s*\n|\Z|\*\*Before you|\*\*Guess)",
    re.DOTALL,
)
PREDICTION = re.compile(
    r"\*\*(?:Guess|Predict|Before you)[^*]*\*\*\s*(.*?)\s*(?=\n\s*\n|\Z)", re.DOTALL
)
MEDIA = re.compile(r"<img\b[^>]*>|<audio\b.*?</audio>", re.DOTALL)
WIDGET = "application/vnd.jupyter.widget-view+json"
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9`$\"])")
ITEM = re.compile(r"^(?:[-*]|\d+\.) (.+(?:\n  .+)*)|^\| (.+?) \|", re.MULTILINE)
LEAD = re.compile(r"\*\*(.+?)\*\*.*", re.DOTALL)
NO_TEXT = ("|", "-", "*", "$$", "```", "#")
LEFT_OUT = re.compile(r"Set-up|Exercise|Where to go|References")
EVERYWHERE = re.compile("Why|The smallest|From scratch|Check it|Live|The same")
"""Headings that parts of many lessons have."""

LISTS = re.compile(r"Recap|What can go wrong")


@dataclass(frozen=True)
class Slide:
    """One slide; all texts are Markdown.

    Attributes
    ----------
    kind : str
        "title", "figure", "predict", "claim" or "list".
    headline : str
        The claim, the question, or what is to be seen.
    section : str
        Heading of the lesson's part.
    text, caveat : str
        Below the headline, and small at the foot.
    media : tuple of str
        Pictures and players as HTML, with the lesson's alternative texts.
    points : tuple of str
        Items of a list.
    notes : str
        What the lesson says there, for the speaker.
    """

    kind: str
    headline: str
    section: str = ""
    text: str = ""
    caveat: str = ""
    media: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    notes: str = ""


@dataclass
class _Deck:
    """Reads a lesson cell by cell; `waiting` holds figures whose claim may still come."""

    section: str = ""
    part: str = ""
    left_out: bool = False
    waiting: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    slides: list[Slide] = field(default_factory=list)

    def show(self, outputs: list[dict]) -> None:
        """Keep the pictures and players of a cell of code."""
        html = "".join("".join(one.get("data", {}).get("text/html", "")) for one in outputs)
        media = tuple(MEDIA.findall(html))
        live = any(WIDGET in one.get("data", {}) for one in outputs)
        if media and not self.left_out:
            self.waiting.append((media, "Live in the notebook." if live else ""))

    def read(self, source: str) -> None:
        """Text below figures, then headings, each with its text."""
        below, *parts = HEADING.split(source)
        self.say(below.strip())
        for signs, heading, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
            self.say("")
            self.enter(signs, re.sub(r"^\d+(\.| ·) ", "", heading), text.strip())

    def enter(self, signs: str, heading: str, text: str) -> None:
        """Begin a part of the lesson; the title and the lists at the end are slides at once."""
        if signs == "#":
            self.add("title", heading, text=text.split("\n\n")[0], points=items(text), notes=text)
            return
        if signs == "##":
            self.section, self.part, self.left_out = heading, "", bool(LEFT_OUT.search(heading))
        else:
            self.part = heading
        if signs == "##" and LISTS.search(heading):
            self.add("list", heading, points=leads(text), notes=text)
        else:
            self.say(text, begins=True)

    def say(self, text: str, begins: bool = False) -> None:
        """Give waiting figures their claim; ask what is to be predicted; keep the rest as notes.

        Where the text `begins` a part, a question is shown with the paragraph before it; elsewhere
        that paragraph speaks of a printed output.
        """
        if self.left_out:
            return
        claim, told = CLAIM.search(text), CLAIM.sub("", text).strip()
        shown = bool(claim or self.waiting)
        if shown:
            self.flush(claim, told)
        for found in PREDICTION.finditer(told):
            before = told[: found.start()].strip().split("\n\n")[-1]
            plain = begins and not before.startswith(NO_TEXT)
            self.add("predict", _sentence(found[1]), text=before if plain else "")
        if told and not shown:
            self.notes.append(told)

    def flush(self, claim: re.Match | None, notes: str) -> None:
        """Slides of all that waits; the last figure gets the claim and the notes."""
        last = self.waiting.pop() if self.waiting else ((), "")
        for media, live in self.waiting:
            self.add("figure", self.seen, media=media, text=live)
        self.waiting = []
        if claim:
            first, *others = SENTENCE.split(_sentence(claim["claim"]))
            caveat, text = _sentence(claim["caveat"] or ""), " ".join(others)
            self.add("claim", first, media=last[0], text=text, caveat=caveat, notes=notes)
        else:
            self.add("figure", self.seen, media=last[0], text=last[1], notes=notes)

    @property
    def seen(self) -> str:
        """Headline of a figure without a claim."""
        return self.section if not self.part or EVERYWHERE.match(self.part) else self.part

    def add(self, kind: str, headline: str, *, text: str = "", notes: str = "", **parts) -> None:
        """A slide of this section, with the notes that came before it."""
        told = "\n\n".join(filter(None, [*self.notes, notes]))
        self.notes = []
        self.slides.append(
            Slide(kind, headline, self.section, text=_joined(text), notes=told, **parts)
        )


def slides_of(lesson: dict) -> list[Slide]:
    """The slides of a lesson, in its order; exercises are left out.

    Parameters
    ----------
    lesson : dict
        A notebook as JSON, with its outputs.
    """
    deck = _Deck()
    for cell in lesson["cells"]:
        if cell["cell_type"] == "code":
            deck.show(cell["outputs"])
        else:
            deck.read("".join(cell["source"]))
    deck.say("")
    return deck.slides


def items(text: str) -> tuple[str, ...]:
    """The items of a list, or a table's first column.

    >>> items("You will\\n\\n- look,\\n- and\\n  listen.")
    ('look,', 'and listen.')
    """
    rows = [first or second for first, second in ITEM.findall(text)]
    if re.search(r"^\| ", text, re.MULTILINE):
        rows = rows[1:]
    return tuple(_joined(row) for row in rows if set(row) - set("-: "))


def leads(text: str) -> tuple[str, ...]:
    """The same; of an item that begins with bold words, these alone.

    >>> leads("- **Too far.** The valley is gone.\\n- Nothing moves.")
    ('Too far.', 'Nothing moves.')
    """
    return tuple(LEAD.sub(r"\1", one) if one.startswith("**") else one for one in items(text))


def _sentence(text: str) -> str:
    """The text in one line, with a capital letter."""
    return re.sub(r"^(\**)([a-z])", lambda found: found[1] + found[2].upper(), _joined(text))


def _joined(text: str) -> str:
    return " ".join(text.split())
