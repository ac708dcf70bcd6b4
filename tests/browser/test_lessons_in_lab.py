"""Lessons in a real JupyterLab: Run All Cells, and nothing complains."""

import json
import shutil

import pytest
from lab_page import LabPage, chromium, running_lab
from places import ROOT

LESSONS = [
    ("00_tour", "light"),
    ("01_sound_as_an_image", "dark"),
    ("04_align_sound_with_clip", "light"),
    ("07_sound_moves_a_picture", "dark"),
]


@pytest.mark.parametrize(("lesson", "theme"), LESSONS)
def test_a_lesson_runs_in_jupyterlab_without_a_complaint(lesson, theme, tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    shutil.copy(ROOT / "notebooks" / f"{lesson}.ipynb", folder)
    with running_lab(folder, tmp_path, theme) as address, chromium() as browser:
        page = LabPage(browser, address, f"{lesson}.ipynb")
        page.run_all()
        page.screenshots(f"{lesson}_{theme}")
        page.tab.keyboard.press("Control+s")
        page.tab.wait_for_timeout(3000)
        assert page.wrong_outputs() == [] and page.console_errors == []
    cells = json.loads((folder / f"{lesson}.ipynb").read_text(encoding="utf-8"))["cells"]
    codes = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in codes] == list(range(1, len(codes) + 1))
    kinds = {output["output_type"] for cell in codes for output in cell["outputs"]}
    assert "error" not in kinds
