"""Figures in words: what a reader hears who does not see them."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from sgim.checks import SgimError
from sgim.notebook import in_words, plot_confusion, plot_history, plot_log_mel, show_images
from sgim.notebook.alt_text import alt_text


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def test_a_curve_has_start_end_and_the_extremes_beyond_them(ax):
    ax.plot([0, 10, 20, 30], [1.0, 0.2, 3.04, 0.5], label="loss $L_1$")
    ax.set(xlabel="step", ylabel="distance [1]", title="an edit")
    words = "an edit: Distance [1] over step: “loss L_1” falls from 1 at 0 to 0.5 at 30"
    words += ", with its highest value 3 at 20, with its lowest value 0.2 at 10."
    assert alt_text(ax.figure) == words


@pytest.mark.parametrize(
    ("heights", "words"),
    [
        ([1, 2, 3], "rises from 1 at 0 to 3 at 2"),
        ([5, 5.01, 5], "stays near 5 from 0 to 2"),
        ([1, float("nan"), 0.123], "falls from 1 at 0 to 0.12 at 2"),
    ],
)
def test_the_verb_says_where_a_curve_goes(ax, heights, words):
    ax.plot(heights)
    assert alt_text(ax.figure) == f"The curve {words}."


def test_bars_have_the_names_of_their_ticks_and_rules_their_value(ax):
    ax.bar([-0.2, 0.8], [93, 81.26], width=0.4, label="clean")
    ax.axhline(12.5, label="blind guess")
    ax.set_xticks(range(2), ["zero-shot", "probe,\nlinear"])
    text = alt_text(ax.figure)
    assert "a line “blind guess” at y = 12" in text.lower()
    assert "bars “clean”: zero-shot 93, “probe, linear” 81" in text


def test_bars_beside_a_tick_have_its_number(ax):
    ax.bar([0.8, 1.8], [3, 4], width=0.4)
    ax.set_xticks([1, 2])
    assert alt_text(ax.figure) == "Bars: 3 at 1, 4 at 2."


def test_axes_without_ticks_and_titles_that_are_numbers_are_told_too(ax):
    ax.bar([1, 2], [3.0, 4.0])
    ax.set(xticks=[], title=7)
    assert alt_text(ax.figure) == "7: Bars: 3 at 1, 4 at 2."


def test_lying_bars_of_words_are_read_along_the_other_axis(ax):
    ax.barh(["rain", "fire"], [0.9, 0.25])
    ax.set(xlabel="cosine")
    assert alt_text(ax.figure) == "Cosine: bars: rain 0.9, fire 0.25."


def test_many_bars_are_told_by_their_extremes(ax):
    ax.bar(range(40), np.arange(40) % 39)
    assert "40 bars, highest 38 at 38, lowest 0 at 0" in alt_text(ax.figure).lower()


def test_points_and_small_tables_are_told_in_numbers(ax):
    ax.scatter([1, 2, 4], [0, 5, 3], label="clips")
    assert "3 points “clips”, from 1 to 4 across and from 0 to 5 up" in alt_text(ax.figure)
    ax.clear()
    ax.imshow(np.array([[1, 0.9], [0.1, 1]]))
    ax.set_yticks(range(2), ["rain", "fire"])
    assert "row rain: 1, 0.9; row fire: 0.1, 1" in alt_text(ax.figure)


def test_panels_are_counted_and_numbered():
    text = alt_text(plot_history({"guidance": [0.9, 0.4], "noise": [0.1, 0.1]}))
    assert text.startswith("2 panels. (1) guidance: Over step: the curve falls from 0.9")
    assert "(2) noise: Over step: the curve stays near 0.1 from 1 to 2." in text


def test_a_spectrogram_tells_its_loudest_band_and_moment():
    waveform = torch.sin(torch.arange(32_000) / 16_000 * 2 * torch.pi * 1000)
    waveform *= 0.01
    waveform[24_000:26_000] *= 50
    text = alt_text(plot_log_mel(waveform, 16_000, title="beep"))
    assert text.startswith("beep: Log-mel spectrogram of 2.0 s of sound, 40 to 8000 Hz")
    assert "most energy near 1000 Hz" in text and "loudest at 1.5 s" in text


def test_a_confusion_matrix_tells_best_worst_and_the_largest_mistake():
    text = alt_text(plot_confusion(np.array([[10, 0], [3, 7]]), ["rain", "fire"]))
    assert "100 % of rain, 70 % of fire" in text
    assert "most frequent mistake: 30 % of fire recognized as rain" in text
    assert "no mistakes" in alt_text(plot_confusion(np.eye(2), ["rain", "fire"]))


def test_pictures_are_told_by_their_titles_and_without_them_need_a_sentence():
    images = torch.zeros(3, 3, 32, 32)
    text = alt_text(show_images(images, ["source", "rain", "fog"], columns=2))
    colors = "source (gray); rain (gray); fog (gray)"
    assert text == f"3 pictures in 2 rows, in reading order: {colors}."
    bare = show_images(images)
    assert alt_text(bare) == "3 pictures."
    said = in_words(bare, "Three black squares,\n  one beside the other.")
    assert said is bare
    assert alt_text(bare) == "Three black squares, one beside the other."


def test_a_picture_is_told_by_the_colors_of_its_halves():
    pictures = -torch.ones(3, 3, 32, 32)
    pictures[0, 2, :16] = 1  # blue above
    pictures[0, 1, 16:] = -0.5  # dark green below
    pictures[1] = 1
    text = alt_text(show_images(pictures, ["day", "snow", "night"]))
    assert "day (light blue above, dark green below); snow (white); night (black)" in text


def test_a_sentence_for_one_panel_leaves_the_others_to_their_axes():
    figure, (left, right) = plt.subplots(1, 2)
    plt.close(figure)
    in_words(left, "A sketch of how a sound becomes a table.")
    right.plot([0, 1])
    assert "(1) A sketch of how a sound becomes a table. (2) The curve rises" in alt_text(figure)


def test_a_sentence_that_says_nothing_is_refused(ax):
    with pytest.raises(SgimError, match="'a figure' has 8 characters; say in 20 or more"):
        in_words(ax.figure, "a figure")
