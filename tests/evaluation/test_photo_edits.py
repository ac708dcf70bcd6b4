"""Edits of photos are counted by photo and by weather; the table says what becomes of the photo."""

import numpy as np
import pytest
from PIL import Image

from sgim.bundle import load_judge
from sgim.checks import SgimError
from sgim.evaluation.photo_edits import WAYS, photos_of, photos_table, score_photos


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for name, shape in (("wide.png", (48, 96, 3)), ("tall.jpg", (96, 64, 3))):
        land = rng.integers(0, 120, shape, dtype=np.uint8)
        land[: shape[0] // 2] = (120, 170, 230)
        Image.fromarray(land).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no photo")
    return tmp_path


def test_every_photo_is_edited_by_each_sound_that_has_a_place(bundle, folder):
    photos = photos_of(folder)
    assert list(photos) == ["tall.jpg", "wide.png"]
    results = score_photos(bundle, load_judge(of_photos=True), photos, resolution=64)
    assert results["count"] == sum(row["count"] for row in results["by_sound"].values())
    for name in ("rain", "fire"):
        assert results["by_sound"][name]["count"] == 2
    for look in results["photos"].values():
        assert look["clear_error"] <= 1.0 and -1 <= look["edges"] <= 1
    assert results["intervals"]["right"][0] <= results["all"]["right"]
    table = photos_table(dict.fromkeys(WAYS, results))
    assert "| rain |" in table and f"| {results['count']} |" in table


def test_one_photo_alone_is_too_few(tmp_path):
    with pytest.raises(SgimError, match="holds 0 photos"):
        photos_of(tmp_path)
    with pytest.raises(SgimError, match="nowhere is no folder"):
        photos_of(tmp_path / "nowhere")
