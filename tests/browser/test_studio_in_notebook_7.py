"""The Studio in Notebook 7, which shows notebooks without JupyterLab around them."""

import pytest
from lab_page import LabPage, running_lab
from studio_driver import Driver

pytest.importorskip("notebook", reason="Notebook 7 is not installed: make test-browser does it")


def test_the_studio_makes_an_edit_in_notebook_7(browser, folder, tmp_path):
    with running_lab(folder, tmp_path, application="notebook") as address:
        page = LabPage(browser, f"{address}/notebooks/studio.ipynb")
        page.run_all()
        studio = Driver(page)
        studio.set_number("steps", 3)
        studio.press("Run")
        studio.wait_until_it_says("Done after 3 of 3 steps")
        assert page.wrong_outputs() == []
        page.close()
