"""Published numbers keep their protocol, and the page in docs is what the files say."""

import csv

import pytest
from places import ROOT

from sgim.checks import SgimError
from sgim.evaluation.downstream_page import downstream_csv, downstream_page, read_files
from sgim.evaluation.published_numbers import (
    COLUMNS,
    published_table,
    read_published,
    same_benchmark,
)

TABLE = ROOT / "data/published_results.csv"


@pytest.fixture(scope="module")
def rows():
    return read_published(TABLE)


def test_unread_cells_are_empty_with_a_note(rows):
    unread = [row for row in rows if not row["value"]]
    assert unread and all("not read" in row["note"] for row in unread)
    assert {row["model"] for row in unread} == {"Robust SGIM (2024)"}


def test_folds_that_nobody_calls_official_are_not_called_so(rows):
    benchmark = [row for row in rows if "MTEB" in row["source"] and row["task"] == "linear probe"]
    assert len(benchmark) > 10
    assert all(row["official_folds"] in ("no", "not stated") for row in benchmark)


def test_first_hand_numbers_come_before_second_hand_ones(rows):
    standing = [row["first_hand"] for row in same_benchmark(rows, "ESC-50", "zero-shot")[:-1]]
    assert standing == sorted(standing, key=("yes", "independent", "no").index)
    assert {"yes", "independent", "no"} == set(standing)


def test_a_table_holds_one_benchmark_and_its_chance(rows):
    mine = same_benchmark(rows, "UrbanSound8K", "zero-shot")
    assert {(row["data"], row["measure"]) for row in mine} == {("UrbanSound8K", "top-1")}
    assert mine[-1]["model"] == "chance"
    told = published_table(mine)
    assert "second-hand" in told and "measured by others" in told and "not read" in told


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("value", "much", "value 'much'; it must be a percentage"),
        ("value", "102", "must be a percentage"),
        ("value", "", "lacks a source, or a note"),
        ("source", "", "lacks a source"),
        ("first_hand", "maybe", "first_hand 'maybe'"),
    ],
)
def test_a_row_without_what_it_needs_is_refused(tmp_path, column, value, words):
    good = {name: "x" for name in COLUMNS} | {"value": "5", "first_hand": "yes", "note": ""}
    with open(tmp_path / "table.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerow(good | {column: value})
    with pytest.raises(SgimError, match=words):
        read_published(tmp_path / "table.csv")


def test_the_page_and_the_table_in_docs_are_what_the_files_say():
    files = read_files(ROOT / "data")
    for name, made in (("md", downstream_page), ("csv", downstream_csv)):
        kept = (ROOT / f"docs/downstream.{name}").read_text(encoding="utf-8")
        assert kept == made(*files), "run `sgim report`"
