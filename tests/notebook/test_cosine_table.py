"""The table of cosines without a browser: cells are chosen by hand."""

import pytest
import torch

from sgim.checks import SgimError
from sgim.notebook.cosine_table import CELL, LEFT, TOP, CosineTable

ROWS = torch.tensor([[1.0, 0.0], [0.6, 0.8]])
COLUMNS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.8, 0.6]])


@pytest.fixture
def panel():
    return CosineTable(
        ROWS,
        COLUMNS,
        rows=["rain 0.4", "fire 0.9"],
        columns=["light rain", "a <fire>", "waves"],
        things=lambda row: (torch.zeros(8000), 16000),
    )


def test_one_call_tells_the_cosine_and_its_place_in_the_row(panel):
    told = panel.choose(1, 0)
    assert told == "fire 0.9, with “light rain”: cosine 0.60; number 3 of 3 in its row."
    assert told in panel.told.value and panel.table.chosen == 3
    assert panel.thing.player.value and panel.thing.player.tooltip == "fire 0.9"


def test_a_scale_makes_probabilities_of_each_row(panel):
    panel.choose(1, 2)
    panel.scale.value = 100.0
    assert torch.allclose(panel.values().sum(dim=1), torch.ones(2))
    assert "cosine 0.96, probability 1.00; number 1 of 3" in panel.told.value


def test_the_list_leads_back_to_cosines(panel):
    cosines = panel.values()
    assert panel.scale.label == "cosines" and panel.scale.index == 0
    panel.scale.value = 100.0
    panel.scale.label = "cosines"
    assert panel.scale.index == 0 and torch.equal(panel.values(), cosines)


def test_a_higher_value_is_darker(panel):
    def brightness(place):
        fill = panel.table.drawing.split(f'" data-i="{place}"')[0][-6:]
        return sum(int(fill[at : at + 2], 16) for at in (0, 2, 4))

    shades = [brightness(place) for place in range(6)]
    assert shades[0] < shades[1] and shades[4] < shades[3] < shades[1]
    flat = panel.table.drawing
    panel.scale.value = 1.07
    assert panel.table.drawing != flat


def test_cells_stand_in_rows_and_columns(panel):
    place = f'x="{LEFT + 2 * CELL}" y="{TOP + CELL}"'
    assert place in panel.table.drawing.split(' data-i="5"')[0].rsplit("<rect", 1)[1]


def test_its_words_name_the_darkest_of_each_row_as_plain_text(panel):
    assert "rain 0.4: “light rain”; fire 0.9: “waves”." in panel.table.drawing
    assert "<fire>" not in panel.table.drawing


@pytest.mark.parametrize("cell", [(2, 0), (0, 3), (-1, 0)])
def test_a_cell_outside_of_the_table_is_refused(panel, cell):
    with pytest.raises(SgimError, match="2 rows and 3 columns"):
        panel.choose(*cell)


def test_names_have_to_match_the_features():
    with pytest.raises(SgimError, match="1 and 2 names for a table of"):
        CosineTable(ROWS, COLUMNS, rows=["a"], columns=["b", "c"], things=str)


def test_a_page_without_a_kernel_shows_the_table(panel):
    assert panel.table.drawing in panel._repr_mimebundle_()["text/html"]
