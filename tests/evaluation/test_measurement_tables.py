"""The README shows what was measured, read from the file that the command wrote."""

import json

import pytest
from places import ROOT

from sgim.evaluation.edit_ways import ways_overview
from sgim.evaluation.measurement_tables import ten_numbers


@pytest.mark.parametrize(
    ("file", "what", "table"),
    [
        ("measurements.json", "ten numbers", ten_numbers),
        ("edit_ways.json", "ways to edit", ways_overview),
    ],
)
def test_the_tables_of_the_readme_are_what_was_measured(file, what, table):
    kept = json.loads((ROOT / "data" / file).read_text(encoding="utf-8"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.split(f"<!-- {what} -->")[1].split(f"<!-- /{what} -->")[0]
    assert block.strip() == table(kept)


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
