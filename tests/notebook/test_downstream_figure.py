"""Figures of downstream tasks show one benchmark each."""

import pytest
from places import ROOT

from sgim.checks import SgimError
from sgim.evaluation.published_numbers import read_published, same_benchmark
from sgim.notebook.downstream_figure import plot_benchmark, plot_published

NAMED = {"accuracy": 0.7, "interval": [0.6, 0.8], "chance": 0.1}
CURVE = {"1": {"accuracy": 0.3, "interval": [0.2, 0.4]}, "16": NAMED}


@pytest.fixture
def results():
    tasks = {"probe": NAMED, "few-shot": {"curve": CURVE, "chance": 0.1}}
    words = {"zero-shot": NAMED | {"labels": ["rain", "wind"]}}
    return {
        "benchmark": {"title": "ESC-10"},
        "embedders": {
            "mini": {"tasks": tasks | words},
            "log-mel": {"tasks": tasks | {"zero-shot": {"left_out": "no words"}}},
        },
    }


def test_each_task_has_a_panel_of_its_own(results):
    axes = plot_benchmark(results).axes
    assert [ax.get_title() for ax in axes] == ["zero-shot, 2 labels", "linear probe", "few clips"]
    assert [bar.get_width() for bar in axes[1].patches] == pytest.approx([70, 70])
    assert len(axes[0].patches) == 1 and "no words" in [text.get_text() for text in axes[0].texts]


def test_an_benchmark_without_numbers_is_refused(results):
    results["embedders"] = {}
    with pytest.raises(SgimError, match="ESC-10 has no numbers"):
        plot_benchmark(results)


def test_numbers_of_different_benchmarks_never_share_an_axis():
    rows = read_published(ROOT / "data/published_results.csv")
    with pytest.raises(SgimError, match="one figure shows one benchmark"):
        plot_published(rows)
    with pytest.raises(SgimError, match="one figure shows one benchmark"):
        plot_published([row for row in rows if row["data"] == "ESC-50"])
    mine = same_benchmark(rows, "ESC-50", "zero-shot")
    bars = plot_published(mine).axes[0].patches
    drawn = [row for row in mine if row["value"] and row["model"] != "chance"]
    assert [bar.get_width() for bar in bars] == [float(row["value"]) for row in drawn]
