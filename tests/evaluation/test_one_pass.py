"""One pass is measured as the optimizer is, and its page has both beside each other."""

import copy

import pytest

from sgim.bundle import load_judge
from sgim.evaluation import one_pass
from sgim.evaluation.one_pass import QUICK_WAYS, measure_one_pass, quality_table


@pytest.fixture(scope="module")
def results(mini):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(one_pass, "SOUND_NAMES", ("rain", "fire"))
        for name in ("score_edits", "edited_strength", "edited_mixtures"):
            patch.setattr(one_pass, name, _small(getattr(one_pass, name), name))
        return measure_one_pass(mini, load_judge())


def _small(measure, name):
    few = {"scene_seeds": (500, 501)}
    if name == "score_edits":
        few["names"] = ("rain", "fire")
    if name == "edited_strength":
        few["levels"] = (0.2, 0.5, 0.9)
    if name == "edited_mixtures":
        few["pairs"] = (("rain", "thunderstorm"),)
    return lambda *given, **named: measure(*given, **(named | few))


def test_most_edits_in_one_pass_are_right_and_stronger_sounds_paint_more(results):
    assert list(results) == list(QUICK_WAYS)
    quick = results["one pass"]
    assert quick["edits"]["all"]["right"] >= 0.75 and quick["edits"]["count"] == 8
    assert quick["edits"]["all"]["drift"] == 0
    assert all(row["slope"] > 0.3 for row in quick["strength"].values())
    assert "recordings" not in quick


def test_the_table_shows_every_way_beside_the_optimizer(results):
    optimizer = copy.deepcopy(results["one pass"])
    optimizer["edits"]["all"]["right"] = 0.125
    table = quality_table(results, optimizer)
    assert "| 12.5% (" in table and "| by recordings, right³ | not measured |" in table
    assert table.splitlines()[0].count("|") == 5
