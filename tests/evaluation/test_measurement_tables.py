"""The README shows what was measured, read from the file that the command wrote."""

import json

from places import ROOT

from sgim.evaluation.measurement_tables import ten_numbers


def test_the_ten_numbers_of_the_readme_are_those_that_were_measured():
    results = json.loads((ROOT / "data" / "measurements.json").read_text(encoding="utf-8"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.split("<!-- ten numbers -->")[1].split("<!-- /ten numbers -->")[0]
    assert block.strip() == ten_numbers(results)


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
