"""Benchmarks are read from published layouts, with their own folds and recordings kept whole."""

import shutil

import pytest
from benchmark_folders import (
    esc10_folder,
    esc50_folder,
    own_folder,
    urbansound_folder,
    vggsound_folder,
    write_sound,
)

from sgim.checks import SgimError
from sgim.evaluation import mini_benchmark
from sgim.evaluation.benchmarks import read_benchmark
from sgim.world.lexicon import STRENGTHS


def test_esc_and_urbansound_keep_the_folds_of_their_authors(tmp_path):
    benchmark = read_benchmark("esc10", esc10_folder(tmp_path / "ESC-10"))
    assert benchmark.tested == (1, 2, 3) and benchmark.official
    assert benchmark.clips.folds == [int(path.name[0]) for path in benchmark.clips.paths]
    esc50 = read_benchmark("esc50", esc50_folder(tmp_path / "ESC-50"))
    assert esc50.clips.names == ("dog", "rain", "wind")
    assert read_benchmark("esc10", tmp_path / "ESC-50").clips.names == ("dog", "rain")
    urban = read_benchmark("urbansound8k", urbansound_folder(tmp_path / "US8K"))
    assert urban.tested == (1, 2, 3) and len(set(urban.clips.groups)) == 6


def test_odd_tables_and_names_are_the_same_benchmark(tmp_path):
    plain = read_benchmark("esc50", esc50_folder(tmp_path / "plain"))
    odd = esc50_folder(tmp_path / "odd", delimiter=";", suffix=".WAV")
    assert read_benchmark("esc50", odd).fingerprint == plain.fingerprint


def test_vggsound_learns_from_one_split_and_is_tested_on_the_other(tmp_path):
    benchmark = read_benchmark("vggsound", vggsound_folder(tmp_path))
    assert benchmark.tested == (2,) and benchmark.clips.folds == [1] * 8 + [2] * 2
    assert benchmark.clips.names == ("dog sound", "siren sound") and benchmark.clips.missing == 1


def test_a_folder_gets_folds_in_which_every_label_can_be_learned(tmp_path):
    benchmark = read_benchmark("folder", own_folder(tmp_path))
    assert benchmark.tested == (1, 2, 3) and not benchmark.official
    for fold in benchmark.tested:
        own = zip(benchmark.clips.classes, benchmark.clips.folds, strict=True)
        labels = {label for label, other in own
                  if other == fold}  # fmt: skip
        assert labels == {0, 1}


def test_a_fingerprint_tells_other_clips_and_other_labels(tmp_path):
    first = read_benchmark("folder", own_folder(tmp_path / "a")).fingerprint
    assert read_benchmark("folder", own_folder(tmp_path / "b")).fingerprint == first
    write_sound(tmp_path / "b/rain/2.wav", "rain", seed=99)
    assert read_benchmark("folder", tmp_path / "b").fingerprint != first
    shutil.move(tmp_path / "a/dog", tmp_path / "a/cat")
    assert read_benchmark("folder", tmp_path / "a").fingerprint != first


def test_the_mini_benchmark_has_each_weather_at_each_strength_once_in_a_set(monkeypatch):
    monkeypatch.setattr(mini_benchmark, "SECONDS", 0.2)
    benchmark = read_benchmark("mini", num_sets=2)
    pairs = benchmark.pairs
    told = {
        (number, label, level)
        for number, label, level in zip(pairs.sets, pairs.classes, pairs.strengths, strict=True)
    }
    assert len(told) == len(pairs.sets) == 2 * 8 * len(STRENGTHS)
    assert benchmark.tested == (1, 2) and benchmark.clips.folds == [1] * 40 + [2] * 40
    assert benchmark.fingerprint != read_benchmark("mini-disturbed", num_sets=2).fingerprint
    with pytest.raises(SgimError, match="num_sets is 1"):
        read_benchmark("mini", num_sets=1)


def test_nothing_is_learned_of_a_repository_that_is_tested(tmp_path):
    rows = [("a", "train"), ("b", "train"), ("c", "measure"), ("c", "train")]
    lines = ["file,class,recording_id,use,repo,path_in_repo,licence"]
    for number, (repo, use) in enumerate(rows):
        for label in ("rain", "wind"):
            name = f"{label}_{number}.wav"
            write_sound(tmp_path / name, "rain", number)
            lines.append(f"{name},{label},{name},{use},{repo},there,CC0")
    (tmp_path / "manifest.csv").write_text("\n".join(lines))
    benchmark = read_benchmark("recordings", tmp_path)
    assert benchmark.clips.names == ("rain", "wind") and benchmark.unit == "repositories"
    assert benchmark.clips.groups == list("aabbcc") and benchmark.tested == (2,)
    assert benchmark.clips.folds == [1, 1, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("esc500", lambda folder: folder, "data is 'esc500'; .* nearest is esc50"),
        ("mini", lambda folder: folder, "makes its own clips"),
        ("esc50", lambda folder: folder / "nowhere", "nowhere is not a folder"),
        ("esc10", lambda folder: esc10_folder(folder, folds=1), "one fold alone"),
        ("folder", lambda folder: own_folder(folder, recordings=1), "1 recordings of dog"),
    ],
)
def test_what_is_no_benchmark_is_told_in_one_sentence(tmp_path, name, make, words):
    with pytest.raises(SgimError, match=words) as told:
        read_benchmark(name, make(tmp_path))
    assert "\n" not in str(told.value)


def test_a_label_in_one_fold_alone_is_refused(tmp_path):
    esc10_folder(tmp_path)
    for path in (tmp_path / "003 - Siren").glob("[12]-*"):
        path.unlink()
    with pytest.raises(SgimError, match="all clips of siren in one fold"):
        read_benchmark("esc10", tmp_path)


def test_data_without_a_place_is_looked_for_where_sgim_data_says(tmp_path, monkeypatch):
    monkeypatch.setenv("SGIM_DATA", str(tmp_path))
    esc50_folder(tmp_path / "ESC-50")
    assert read_benchmark("esc10").clips.names == ("dog", "rain")
    esc10_folder(tmp_path / "esc10")
    assert len(read_benchmark("esc10").clips.names) == 3
    with pytest.raises(SgimError, match="UrbanSound8K is not a folder"):
        read_benchmark("urbansound8k")
