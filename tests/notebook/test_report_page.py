"""One HTML file tells all that was measured: its Markdown, its figures, its numbers from files."""

import json
import re
import shutil

import pytest
from places import ROOT

from sgim.notebook.markdown_html import markdown_html
from sgim.notebook.report_page import report_html


def test_the_blocks_of_a_page_become_html():
    told = markdown_html("## A\n\n- one\n  more\n- two\n\n| a | b |\n|---|---|\n| 1 | `2` |\n")
    assert told.splitlines()[0] == "<h2>A</h2>"
    assert "<li>one more</li><li>two</li>" in told
    assert "<th>a</th>" in told and "<td><code>2</code></td>" in told


def test_code_is_kept_as_it_is_and_nothing_in_it_becomes_html():
    told = markdown_html("```\n<b> *x*\n\n# no heading\n```")
    assert told == "<pre>&lt;b&gt; *x*\n\n# no heading</pre>"


def test_links_to_files_keep_their_words_and_those_to_the_web_stay():
    told = markdown_html("[data](../data/README.md) and [paper](https://doi.org/10.1)")
    assert told == '<p>data and <a href="https://doi.org/10.1">paper</a></p>'


@pytest.fixture
def folder(tmp_path):
    """A copy of data/, for a test to change."""
    for path in (ROOT / "data").glob("*.*"):
        if path.suffix in (".json", ".csv"):
            shutil.copy(path, tmp_path)
    return tmp_path


def test_the_report_stands_alone_and_follows_its_files(folder):
    before = report_html(folder)
    assert not re.search(r'src="(?!data:)|href="(?!#|https://)', before)
    assert before.count("<figure>") >= 4 and before.count("<section") == 4
    path = folder / "measurements.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    kept["scene_zero_shot"] = 0.1235
    path.write_text(json.dumps(kept), encoding="utf-8")
    after = report_html(folder)
    assert "12.3%" in after or "12.4%" in after
    assert sum(a != b for a, b in zip(after.splitlines(), before.splitlines(), strict=True)) == 1
