"""A lesson's slides as one HTML file that needs no network.

`Slide`s -> HTML with keys, notes and a print style; formulas are drawn, pictures keep their words
"""

import base64
import html
import io
import re
from collections.abc import Callable
from pathlib import Path
from string import Template

from matplotlib.path import Path as Outline
from matplotlib.textpath import TextPath
from PIL import Image

from sgim.exercises.slides import Slide, slides_of
from sgim.notebook.markdown_html import inline, markdown_html

PAGE = Path(__file__).with_suffix(".html")
MATH = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", re.DOTALL)
KEEP = "\x00{}\x00"
KEPT = re.compile("\x00(\\d+)\x00")
LONG = 110
"""A headline of more letters is set smaller."""

WIDE = 2.2
"""Pictures with a larger ratio of width and height stand below each other."""

HOW = "Arrows turn the slides, N shows the notes, F11 fills the screen; printing makes a PDF."
PEN = {Outline.MOVETO: "M", Outline.LINETO: "L", Outline.CURVE3: "Q", Outline.CURVE4: "C"}


def slides_page(lesson: dict) -> str:
    """The HTML of a lesson's slides.

    Parameters
    ----------
    lesson : dict
        A notebook as JSON, with its outputs.
    """
    slides = slides_of(lesson)
    page = Template(PAGE.read_text(encoding="utf-8"))
    return page.substitute(
        title=html.escape(slides[0].headline), slides="\n".join(map(_section, slides))
    )


def _section(slide: Slide) -> str:
    tag = "h1" if slide.kind == "title" else "h2"
    long = ' class="long"' if len(slide.headline) > LONG else ""
    section = slide.section if slide.section != slide.headline else ""
    parts = [
        f'<p class="section">{words(section)}</p>' if section else "",
        '<p class="kind">Predict</p>' if slide.kind == "predict" else "",
        f"<{tag}{long}>{words(slide.headline)}</{tag}>",
        _media(slide.media),
        f"<p>{words(slide.text)}</p>" if slide.text else "",
        f"<ul>{''.join(f'<li>{words(one)}</li>' for one in slide.points)}</ul>",
        f'<p class="caveat"><b>Caveat:</b> {words(slide.caveat)}</p>' if slide.caveat else "",
        f'<p class="section">{HOW}</p>' if slide.kind == "title" else "",
        f"<aside>{notes_html(slide.notes)}</aside>" if slide.notes else "",
    ]
    body = "\n".join(part for part in parts if part and part != "<ul></ul>")
    return f'<section class="{slide.kind}">\n{body}\n</section>'


def _media(media: tuple[str, ...]) -> str:
    if not media:
        return ""
    pictures = [one for one in media if one.startswith("<img")]
    ratios = [_ratio(one) for one in pictures]
    beside = len(pictures) > 1 and max(ratios) < WIDE
    sized = [
        re.sub(r' style="[^"]*"', "", one).replace("<img", f'<img style="--ratio: {ratio:.3f}"', 1)
        for one, ratio in zip(pictures, ratios, strict=True)
    ]
    players = "".join(_player(one) for one in media if one not in pictures)
    return (
        f'<div class="media{" beside" if beside else ""}" style="--pictures: {len(pictures) or 1}">'
        f'<div class="pictures">{"".join(sized)}</div>{players}</div>'
    )


def _ratio(picture: str) -> float:
    """Width over height of a stored picture."""
    data = re.search(r'base64,([^"]+)', picture)
    width, height = Image.open(io.BytesIO(base64.b64decode(data[1]))).size
    return width / height


def _player(audio: str) -> str:
    """A player with its title beside it."""
    found = re.search(r'\btitle="([^"]*)"', audio)
    return f'<div class="player">{audio}<span>{found[1] if found else ""}</span></div>'


def words(text: str) -> str:
    """A line of Markdown as HTML; formulas between dollars are drawn.

    >>> words("*Rain*")
    '<em>Rain</em>'
    """
    return _around_math(text, inline, lambda tex: math_svg(tex) or _code(tex))


def notes_html(text: str) -> str:
    """Markdown for the speaker as HTML; formulas stay as they are written."""
    plain = re.sub(r"^(?:\*|\d+\.) ", "- ", text, flags=re.MULTILINE)
    return _around_math(plain, markdown_html, _code)


def _around_math(text: str, render: Callable[[str], str], draw: Callable[[str], str]) -> str:
    """Keep formulas away from the reader of Markdown, and put them back drawn."""
    kept = []

    def keep(found: re.Match) -> str:
        kept.append(" ".join((found[1] or found[2]).split()))
        return KEEP.format(len(kept) - 1)

    rendered = render(MATH.sub(keep, text))
    return KEPT.sub(lambda found: draw(kept[int(found[1])]), rendered)


def _code(tex: str) -> str:
    return f"<code>{html.escape(tex)}</code>"


def math_svg(tex: str) -> str:
    """A formula as a drawing in the color and size of the text; "" where it cannot be drawn."""
    try:
        outline = TextPath((0, 0), f"${tex}$", size=100)
    except ValueError:
        return ""
    low, high = outline.vertices.min(axis=0), outline.vertices.max(axis=0)
    steps = " ".join(
        PEN.get(code, "Z") + ("" if code not in PEN else " ".join(f"{one:.0f}" for one in points))
        for points, code in outline.iter_segments(simplify=False)
    )
    size = high - low
    return (
        f'<svg class="math" role="img" aria-label="{html.escape(tex)}" '
        f'style="--high: {size[1] / 100:.2f}em; --deep: {low[1] / 100:.2f}em" '
        f'viewBox="{low[0]:.0f} {-high[1]:.0f} {size[0]:.0f} {size[1]:.0f}">'
        f'<path transform="scale(1 -1)" d="{steps}"/></svg>'
    )
