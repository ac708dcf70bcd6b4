"""Recordings count, not excerpts; classes count alike; intervals are of what is told."""

import pytest

from sgim.checks import SgimError
from sgim.evaluation.sound_recognition import difference, report

RAIN, FIRE = 0, 3


def of(right_of_rain, right_of_fire):
    """A report on recordings of one excerpt each."""
    classes = [RAIN] * len(right_of_rain) + [FIRE] * len(right_of_fire)
    right = [*right_of_rain, *right_of_fire]
    predictions = [own if good else 7 for own, good in zip(classes, right, strict=True)]
    return report(predictions, classes, [f"r{index}" for index in range(len(classes))])


def test_excerpts_of_one_recording_count_as_one_and_classes_count_alike():
    found = report([RAIN, 7, 7, RAIN, FIRE], [RAIN] * 4 + [FIRE], ["a", "a", "a", "b", "a"])
    assert found.named == {("rain", "a"): pytest.approx(1 / 3), ("rain", "b"): 1, ("fire", "a"): 1}
    assert found.recalls == {"rain": pytest.approx(2 / 3), "fire": 1}
    assert found.accuracy == pytest.approx(5 / 6)


def test_the_interval_holds_the_accuracy_and_narrows_with_more_recordings():
    few, many = of([1, 0] * 4, [1] * 4), of([1, 0] * 40, [1] * 40)
    for found in (few, many):
        assert found.interval[0] < found.accuracy == 0.75 < found.interval[1]
    width = [high - low for low, high in (few.interval, many.interval)]
    assert width[1] < width[0] / 2
    assert of([1] * 5, [1] * 5).interval == (1, 1)


def test_a_difference_is_taken_recording_by_recording():
    better, worse = of([1, 1, 0, 1], [1, 1]), of([1, 0, 0, 1], [1, 1])
    found = difference(better, worse)
    assert found["accuracy"] == pytest.approx(0.125)
    assert found["interval"][0] == 0 and found["interval"][1] < 0.4
    assert difference(better, better)["interval"] == (0, 0)
    with pytest.raises(SgimError, match="6 and 2 recordings that are not the same"):
        difference(better, of([1], [1]))
