"""One HTML file of all that was measured, for people: `sgim report --html`.

files of data/ -> the pages of docs/ and their figures -> HTML that needs no network
"""

import html
import io
from base64 import b64encode
from pathlib import Path
from string import Template

from matplotlib.figure import Figure

from sgim.evaluation.claim_page import CLAIM, claim_page, verdict_sentence
from sgim.evaluation.downstream_page import downstream_page, read_files
from sgim.evaluation.kept_results import read_results
from sgim.evaluation.measurements_page import read_page
from sgim.evaluation.methods_page import METHODS_FILE, beaten_sentence, methods_page
from sgim.notebook.ablation_figure import plot_ablation
from sgim.notebook.downstream_figure import plot_benchmark
from sgim.notebook.edits_figure import plot_claim, plot_methods
from sgim.notebook.markdown_html import inline, markdown_html

DOTS = 150
PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sound-guided image manipulation: what was measured</title>
<style>
:root { --paper: #fbfaf7; --ink: #26323a; --soft: #5d6a72; --line: #e3e0d8; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14191d; --ink: #e8ecee; --soft: #9fb0ba; --line: #2b343a; }
}
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.2rem 4rem; background: var(--paper);
  color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
h2 { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1.5rem; }
.table { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
table:has(th:nth-child(7)) td { white-space: nowrap; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: left; }
pre { overflow-x: auto; font-size: .85rem; color: var(--soft); }
figure { margin: 1.5rem 0; background: #fff; border-radius: .4rem; padding: .5rem; }
figure img { width: 100%; }
nav a { margin-right: 1rem; }
.found { font-size: 1.05rem; }
@media print { body { max-width: none; } nav { display: none; } }
</style>
</head>
<body>
<h1>Sound-guided image manipulation: what was measured</h1>
<p>A mini world of painted landscapes and synthesized sounds; the method is that of Lee et al.,
Neural Networks 175 (2024). Every number below is read from the files in data/, with its command,
seeds and versions beside it.</p>
<nav>$links</nav>
$found
$sections
</body>
</html>
""")


def report_html(folder: Path) -> str:
    """The whole report from the files of a folder.

    Raises
    ------
    SgimError
        When a file that the pages need is missing.
    """
    published, measured = read_files(folder)
    found, sections = [], []
    claim, methods = (_kept(folder, name) for name in (CLAIM, METHODS_FILE))
    if claim:
        found.append(verdict_sentence(claim["scores"]))
    if methods:
        found.append(beaten_sentence(methods["methods"]))
    pages = [
        ("claim", claim_page(folder), [plot_claim(claim)] if claim else []),
        ("methods", methods_page(folder), [plot_methods(methods)] if methods else []),
        ("measured", read_page(folder), [plot_ablation(_kept(folder, "ablation.json")["runs"])]),
        (
            "downstream",
            downstream_page(published, measured),
            [plot_benchmark(results) for results in measured],
        ),
    ]
    links = []
    for name, page, figures in pages:
        title = page.strip().splitlines()[0].lstrip("# ")
        links.append(f'<a href="#{name}">{html.escape(title)}</a>')
        told = markdown_html(page, deeper=1)
        heading, _, rest = told.partition("\n")
        drawn = "".join(map(figure_html, figures))
        sections.append(f'<section id="{name}">{heading}\n{drawn}\n{rest}</section>')
    return PAGE.substitute(
        links=" ".join(links),
        found="\n".join(f'<p class="found">{inline(sentence)}</p>' for sentence in found),
        sections="\n".join(sections),
    )


def figure_html(figure: Figure) -> str:
    """A figure as a picture inside the page."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DOTS, facecolor="white")
    axes = [ax.get_title() or ax.get_xlabel() for ax in figure.axes]
    words = html.escape("; ".join(word for word in axes if word), quote=True)
    data = b64encode(buffer.getvalue()).decode()
    return f'<figure><img alt="{words}" src="data:image/png;base64,{data}"></figure>'


def _kept(folder: Path, name: str) -> dict | None:
    path = folder / name
    return read_results(path, command="sgim evaluate") if path.is_file() else None
