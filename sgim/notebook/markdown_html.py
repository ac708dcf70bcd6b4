"""The Markdown that the pages of measurements are written in, as HTML without links to files.

Markdown -> blocks (headings, lists, tables, code, paragraphs) -> HTML
"""

import html
import re
from collections.abc import Callable

FENCE = "```"
LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")


def markdown_html(text: str, *, deeper: int = 0) -> str:
    """HTML of a page; headings stand `deeper` levels lower than in the page.

    Links to other files keep their words alone, for the HTML stands alone; those to the web stay.

    Examples
    --------
    >>> markdown_html("# Rain\\n\\nIt *rains*: `rain`.", deeper=1)
    '<h2>Rain</h2>\\n<p>It <em>rains</em>: <code>rain</code>.</p>'
    """
    return "\n".join(_block(lines, deeper) for lines in _blocks(text))


def _blocks(text: str) -> list[list[str]]:
    """Lines that belong together: parted by blank lines, but not inside code."""
    blocks, fenced = [[]], False
    for line in text.splitlines():
        if line.startswith(FENCE):
            fenced = not fenced
        if line.strip() or fenced:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _block(lines: list[str], deeper: int) -> str:
    kinds: list[tuple[str, Callable[[list[str]], str]]] = [
        (FENCE, lambda lines: f"<pre>{html.escape(chr(10).join(lines[1:-1]))}</pre>"),
        ("#", lambda lines: _heading(lines, deeper)),
        ("|", _table),
        ("- ", _list),
    ]
    for start, told in kinds:
        if lines[0].startswith(start):
            return told(lines)
    return f"<p>{inline(' '.join(lines))}</p>"


def _heading(lines: list[str], deeper: int) -> str:
    signs, _, words = lines[0].partition(" ")
    level = min(6, len(signs) + deeper)
    heading = f"<h{level}>{inline(words)}</h{level}>"
    return heading if not lines[1:] else f"{heading}\n{_block(lines[1:], deeper)}"


def _list(lines: list[str]) -> str:
    items: list[str] = []
    for line in lines:
        if line.startswith("- "):
            items.append(line[2:])
        else:
            items[-1] += f" {line.strip()}"
    return f"<ul>{''.join(f'<li>{inline(item)}</li>' for item in items)}</ul>"


def _table(lines: list[str]) -> str:
    head, _, *rows = (
        [cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines
    )

    def row(cells: list[str], tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{inline(cell)}</{tag}>' for cell in cells)}</tr>"

    body = "".join(row(cells, "td") for cells in rows)
    top = row(head, "th") if any(head) else ""
    return f'<div class="table"><table>{top}{body}</table></div>'


def inline(text: str) -> str:
    """Code, bold, emphasis and links within a line.

    >>> inline("**a** < `b**c**` and [page](x.md)")
    '<b>a</b> &lt; <code>b**c**</code> and page'
    """
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(
        f"<code>{html.escape(part[1:-1])}</code>" if place % 2 else _words(part)
        for place, part in enumerate(parts)
    )


def _words(text: str) -> str:
    told = html.escape(text, quote=False)
    told = LINK.sub(
        lambda link: f'<a href="{link[2]}">{link[1]}</a>' if "://" in link[2] else link[1], told
    )
    told = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", told)
    return re.sub(r"\*(.+?)\*", r"<em>\1</em>", told)
