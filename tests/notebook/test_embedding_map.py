"""The map of an embedding without a browser: points are chosen by hand."""

import re

import pytest
import torch
import torch.nn.functional as F

from sgim.checks import SgimError
from sgim.notebook.embedding_map import EmbeddingMap

FEATURES = {
    "pictures": F.normalize(torch.tensor([[1.0, 0, 0], [0, 1.0, 0]]), dim=1),
    "captions": F.normalize(torch.tensor([[0.9, 0, 0.1], [0, 0.9, 0.4], [0, 0, 1.0]]), dim=1),
    "sounds": F.normalize(torch.tensor([[0.0, 1.0, 0.1]]), dim=1),
}
GROUPS = {"pictures": ["rain", "fog"], "captions": ["rain", "fog", "fire"], "sounds": ["fog"]}
THINGS = {
    "pictures": lambda index: torch.zeros(3, 16, 16),
    "captions": ["it <rains>", "thick fog", "a fire"].__getitem__,
    "sounds": lambda index: (torch.zeros(16000), 16000),
}


@pytest.fixture
def panel():
    return EmbeddingMap(FEATURES, torch.eye(3)[:2], groups=GROUPS, things=THINGS)


def test_every_feature_is_a_point_with_its_number_on_the_drawing(panel):
    numbers = re.findall(r'data-i="(\d+)"', panel.map.drawing)
    assert sorted(map(int, numbers)) == list(range(6))
    for x, y in re.findall(r'cx="(\d+)" cy="(\d+)"', panel.map.drawing):
        assert 0 < int(x) < 560 and 0 < int(y) < 420


def test_one_call_chooses_a_point_and_tells_its_nearest_by_cosine(panel):
    told = panel.choose("pictures", 1)
    assert panel.map.chosen == panel.point.value == 1
    assert told.startswith("pictures 1, fog. Nearest by cosine")
    assert "captions 1 (fog, 0.91)" in told and "sounds 0 (fog, 1.00)" in told
    assert "pictures 0 (rain" in told, "no point is its own neighbor"
    assert panel.map.marked == [0, 3, 5]
    assert "captions 1 (fog, 0.91)" in panel.told.value


def test_each_kind_is_shown_in_its_own_way(panel):
    panel.map.chosen = 0
    assert bytes(panel.thing.picture.value).startswith(b"\xff\xd8")
    assert panel.thing.picture.tooltip == "pictures 0: rain"
    panel.point.value = 2
    assert panel.thing.words.value == "<q>it &lt;rains&gt;</q>"
    assert panel.thing.picture.layout.display == "none"
    panel.map.chosen = 5
    assert panel.thing.player.value and panel.thing.player.layout.display is None
    assert "Spectrogram of 1.0 s" in panel.thing.words.value


def test_nothing_is_told_when_no_point_is_chosen(panel):
    panel.choose("captions", 0)
    panel.point.value = -1
    assert (panel.told.value, panel.map.marked, panel.thing.words.value) == ("", [], "")


@pytest.mark.parametrize("place", [("smells", 0), ("sounds", 1)])
def test_a_point_that_is_not_there_is_refused(panel, place):
    with pytest.raises(SgimError, match="there is no point"):
        panel.choose(*place)


def test_groups_have_to_match_the_features():
    with pytest.raises(SgimError, match="1 features of sounds and 2 groups"):
        EmbeddingMap(
            FEATURES, torch.eye(3)[:2], groups={**GROUPS, "sounds": ["a", "b"]}, things=THINGS
        )


def test_only_named_groups_have_a_color():
    one = EmbeddingMap(FEATURES, torch.eye(3)[:2], groups=GROUPS, things=THINGS, names=["fog"])
    assert one.map.drawing.count("#0072B2") == 3 + 1, "three points and the legend"


def test_a_page_without_a_kernel_shows_the_map(panel):
    shown = panel._repr_mimebundle_()
    assert panel.map.drawing in shown["text/html"] and "run the notebook" in shown["text/html"]
