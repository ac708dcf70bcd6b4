"""Lessons in a real JupyterLab: Run All Cells, and nothing complains."""

import json

import pytest
from lab_page import LabPage, in_lab

LESSONS = [
    "00_tour",
    "01_sound_as_an_image",
    "04_align_sound_with_clip",
    "07_sound_moves_a_picture",
]


def saved_cells(path):
    """The code cells of a notebook file."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs_in_jupyterlab_without_a_complaint(lesson, lab, browser, folder):
    page = LabPage(browser, in_lab(lab, f"{lesson}.ipynb"))
    page.run_all()
    page.screenshots(lesson)
    assert page.wrong_outputs() == []
    assert page.complaints == []
    with page.tab.expect_response(
        lambda reply: reply.request.method == "PUT" and lesson in reply.url
    ) as saved:
        page.tab.keyboard.press("Control+s")
    assert saved.value.ok
    cells = saved_cells(folder / f"{lesson}.ipynb")
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    kinds = {output["output_type"] for cell in cells for output in cell["outputs"]}
    assert "error" not in kinds
    page.close()
