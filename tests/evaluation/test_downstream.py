"""Embedders are measured: what is asked of whom, what is kept, what a page makes of it."""

import dataclasses
import json

import pytest
import torch
from benchmark_folders import esc10_folder, esc50_folder, own_folder, vggsound_folder
from places import ROOT

from sgim.checks import SgimError
from sgim.embedding.zero_shot import label_features
from sgim.evaluation import downstream, downstream_tasks, embedders, mini_benchmark
from sgim.evaluation.benchmarks import read_benchmark
from sgim.evaluation.clip_features import clip_features
from sgim.evaluation.downstream import evaluate_embedders
from sgim.evaluation.downstream_page import downstream_csv, downstream_page, read_files
from sgim.evaluation.downstream_tables import benchmark_section, share_never_heard
from sgim.evaluation.downstream_tasks import TASKS, EmbeddedBenchmark
from sgim.evaluation.embedders import Embedder, load_embedder, recordings_heard
from sgim.evaluation.prompt_templates import TEMPLATES, labels_with_words, template_scores

FROZEN = ["probe", "knn", "few-shot"]


@pytest.fixture
def take(tmp_path):
    """Measure embedders on a benchmark and keep it in a folder of the test."""

    def run(benchmark, names, tasks, out="results.json", **more):
        return evaluate_embedders(
            benchmark,
            names,
            tasks,
            tmp_path / out,
            command="sgim evaluate --data X --out FILE",
            cache=tmp_path / "features",
            progress=False,
            **more,
        )

    return run


def test_statistics_name_tones_and_noises_of_a_published_layout(tmp_path, take):
    benchmark = read_benchmark("esc10", esc10_folder(tmp_path / "ESC-10"))
    kept = take(benchmark, ["log-mel"], FROZEN)["embedders"]["log-mel"]["tasks"]
    for task in ("probe", "knn"):
        assert kept[task]["accuracy"] == 1.0 and kept[task]["interval"] == (1.0, 1.0)
        assert kept[task]["count"] == 18 and kept[task]["recordings"] == 9
        assert set(kept[task]["folds"]) == {"1", "2", "3"}
    assert list(kept["few-shot"]["curve"]) == ["1", "2", "4"]
    assert kept["few-shot"]["shots_left_out"] == [8, 16]


def test_every_number_says_where_it_comes_from(tmp_path, take):
    benchmark = read_benchmark("folder", own_folder(tmp_path / "mine"))
    made = take(benchmark, ["log-mel"], ["knn"], seed=3)["embedders"]["log-mel"]["tasks"]["knn"][
        "made"
    ]
    assert made["command"].startswith("sgim evaluate --data")
    assert made["seeds"] == {"draws and bootstrap": 3} and made["data"] == benchmark.fingerprint
    assert {"python", "torch", "sgim", "sklearn"} <= set(made["versions"])
    assert len(made["date"]) == 10 and len(made["encoder"]) == 64


def test_only_the_test_split_of_vggsound_is_tested(tmp_path, take):
    benchmark = read_benchmark("vggsound", vggsound_folder(tmp_path / "vgg"))
    kept = take(benchmark, ["log-mel"], ["probe"])["embedders"]["log-mel"]["tasks"]["probe"]
    assert kept["count"] == 2 and list(kept["folds"]) == ["2"]


def test_a_second_run_reads_features_and_keeps_what_others_got(tmp_path, take, monkeypatch):
    benchmark = read_benchmark("folder", own_folder(tmp_path / "mine"))
    first = take(benchmark, ["log-mel"], ["knn"])
    quiet = Embedder(name="quiet", about="says nothing", embed=lambda *sound: torch.ones(1, 4))
    monkeypatch.setattr(downstream, "load_embedder", lambda name: quiet)
    take(benchmark, ["quiet"], ["knn"])
    kept = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert list(kept["embedders"]) == ["log-mel", "quiet"]
    old = first["embedders"]["log-mel"]["tasks"]["knn"]
    assert kept["embedders"]["log-mel"]["tasks"]["knn"]["accuracy"] == old["accuracy"]
    assert kept["embedders"]["quiet"]["tasks"]["knn"]["accuracy"] == 0.5, "it says nothing"

    def fail(*sound):
        raise AssertionError("a clip was embedded twice")

    again = dataclasses.replace(quiet, embed=fail)
    assert clip_features(benchmark, again, tmp_path / "features", progress=False).shape == (6, 4)


def test_numbers_of_other_weights_are_dropped(tmp_path, take, monkeypatch):
    benchmark = read_benchmark("folder", own_folder(tmp_path / "mine"))
    for size, task in ((3, "knn"), (5, "probe")):
        ear = Embedder(
            name="ear",
            about="",
            embed=lambda *sound, size=size: torch.ones(1, size),
            model=torch.nn.Linear(1, size),
        )
        monkeypatch.setattr(downstream, "load_embedder", lambda name, ear=ear: ear)
        kept = take(benchmark, ["ear"], [task])
    assert list(kept["embedders"]["ear"]["tasks"]) == ["probe"]


def test_a_file_about_other_clips_is_not_written_over(tmp_path, take):
    take(read_benchmark("folder", own_folder(tmp_path / "a")), ["log-mel"], ["knn"])
    other = read_benchmark("folder", own_folder(tmp_path / "b", recordings=4))
    with pytest.raises(SgimError, match="results.json is about other clips"):
        take(other, ["log-mel"], ["knn"])


def test_a_clip_that_cannot_be_heard_is_left_out_and_told(tmp_path, take):
    own = own_folder(tmp_path / "mine", recordings=4)
    (own / "rain/3.wav").write_bytes(b"no sound")
    with pytest.warns(UserWarning, match="1 of 8 clips .* cannot be heard"):
        kept = take(read_benchmark("folder", own), ["log-mel"], ["knn"])
    assert kept["embedders"]["log-mel"]["tasks"]["knn"]["count"] == 7


def test_statistics_have_no_words_and_no_pictures(tmp_path, take):
    benchmark = read_benchmark("folder", own_folder(tmp_path / "mine"))
    kept = take(benchmark, ["log-mel"], ["zero-shot", "knn"])["embedders"]["log-mel"]["tasks"]
    assert "no space with words" in kept["zero-shot"]["left_out"]
    with pytest.raises(SgimError, match="log-mel cannot take zero-shot, retrieval on a folder"):
        take(benchmark, ["log-mel"], ["zero-shot", "retrieval"], out="other.json")


@pytest.mark.parametrize(
    ("names", "tasks", "words"),
    [
        (["log-mel"], ["prob"], "task is 'prob'; .* nearest is probe"),
        (["log-mell"], ["probe"], "bundle is 'log-mell'; .* nearest is log-mel"),
        ([], ["probe"], "at least one bundle"),
    ],
)
def test_a_task_or_bundle_that_is_none_is_told_in_one_sentence(tmp_path, take, names, tasks, words):
    benchmark = read_benchmark("folder", own_folder(tmp_path / "mine"))
    with pytest.raises(SgimError, match=words) as told:
        take(benchmark, names, tasks)
    assert "\n" not in str(told.value) and not (tmp_path / "results.json").exists()


def test_a_folder_without_an_ear_is_refused(tmp_path):
    with pytest.raises(SgimError, match="audio.safetensors is missing"):
        load_embedder(str(tmp_path))


def test_labels_that_the_mini_world_has_no_words_for_are_left_out(bundle):
    labels = ["rain", "dog", "sea waves", "rooster", "chirping birds", "water drops", "clock tick"]
    assert labels_with_words(bundle, labels) == ["rain", "sea waves", "chirping birds"]


def test_all_words_of_the_templates_are_known(bundle):
    words = {word for template in TEMPLATES for word in template.format("").split()}
    assert all(bundle.tokenizer.known_word(word) for word in words)


def test_a_perfect_sound_is_named_by_every_template_and_the_ensemble(bundle):
    features = bundle.encode_text(["rain", "fire", "wind"])
    scores = template_scores(bundle, features, ["rain", "fire", "wind"])
    assert list(scores) == [*TEMPLATES, "ensemble"]
    for table in scores.values():
        assert table.argmax(dim=1).tolist() == [0, 1, 2]


@pytest.fixture(scope="module")
def two_sets():
    """Two sets of the mini world, with short sounds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mini_benchmark, "SECONDS", 0.2)
        return read_benchmark("mini", num_sets=2)


def embedded(benchmark, bundle, features):
    """The mini benchmark by an ear that hears such features."""
    ear = Embedder(name="ear", about="", embed=bundle.encode_audio, bundle=bundle)
    places = torch.arange(len(features)).numpy()
    return EmbeddedBenchmark(
        benchmark=benchmark, embedder=ear, places=places, features=features, seed=0
    )


def test_who_hears_the_sentences_finds_them_and_random_ears_find_by_chance(
    mini, two_sets, monkeypatch
):
    told = mini.encode_text(two_sets.pairs.captions)
    monkeypatch.setattr(downstream_tasks, "mini_pictures", lambda pairs, bundle: told)
    found = TASKS["retrieval"](embedded(two_sets, mini, told))
    assert found["candidates"] == 40 and found["sound → text"]["R@1"] > 0.9
    assert found["sound → text"]["mAP"] > 0.6
    assert found["sound → picture"] == found["picture → sound"] == found["sound → text"]
    noise = torch.randn(80, 128, generator=torch.Generator().manual_seed(1))
    by_chance = TASKS["retrieval"](embedded(two_sets, mini, noise))["sound → text"]
    assert by_chance["R@1"] < 0.12 and 10 < by_chance["median_rank"] < 31


def test_the_pictures_of_the_mini_benchmark_show_their_weather(mini, two_sets):
    strong = [place for place, level in enumerate(two_sets.pairs.strengths) if level == 4][:8]
    columns = {
        name: [getattr(two_sets.pairs, name)[place] for place in strong]
        for name in ("classes", "strengths", "intensities", "seeds", "captions", "sets")
    }
    few = dataclasses.replace(two_sets.pairs, **columns)
    labels = label_features(mini.encode_text, few.names)
    shown = (mini_benchmark.mini_pictures(few, mini) @ labels.T).argmax(dim=1)
    assert few.classes == list(range(8)) and sum(shown == torch.arange(8)) >= 6


def test_zero_shot_of_random_ears_is_at_chance(mini, two_sets):
    noise = torch.randn(80, 128, generator=torch.Generator().manual_seed(2))
    told = TASKS["zero-shot"](embedded(two_sets, mini, noise))
    assert told["chance"] == 1 / 8 and abs(told["accuracy"] - 1 / 8) < 0.13
    assert told["labels_left_out"] == [] and 0.4 < told["top5"] < 0.85
    assert told["calibration_error"] > 0.1, "it is sure of nothing it knows"


def test_recordings_heard_in_training_are_told_apart(tmp_path, take, mini, monkeypatch):
    (tmp_path / "list.csv").write_text(
        'says,source\nrain,"a.wav by B, http://www.freesound.org/people/B/sounds/1/"\n'
        "rain,Freesound 22\nrain,somebody/sounds: 33.ogg\n",
        encoding="utf-8",
    )
    assert recordings_heard(tmp_path / "list.csv") == {"1", "22"}
    assert recordings_heard(tmp_path / "none.csv") is None
    benchmark = read_benchmark("esc50", esc50_folder(tmp_path / "ESC-50"))
    ear = Embedder(
        name="ear", about="", embed=mini.encode_audio, bundle=mini, heard=frozenset({"1", "11"})
    )
    features = mini.encode_text(["fire", "rain", "wind"] * 3)
    places = torch.arange(9).numpy()
    told = TASKS["zero-shot"](
        EmbeddedBenchmark(
            benchmark=benchmark, embedder=ear, places=places, features=features, seed=0
        )
    )
    assert told["labels"] == ["rain", "wind"] and told["labels_left_out"] == ["dog"]
    assert [sign == "." for sign in told["right"]] == [
        label == 0 for label in benchmark.clips.classes
    ]
    monkeypatch.setattr(downstream, "load_embedder", lambda name: ear)
    results = take(benchmark, ["ear"], ["zero-shot"])
    kept = results["embedders"]["ear"]
    assert kept["heard_in_training"] == "110000000"
    assert "never heard by ear" in benchmark_section(results)
    right = kept["tasks"]["zero-shot"]["right"]
    told = [int(sign) for sign in right[2:] if sign != "."]
    share, _ = share_never_heard(results, kept["tasks"]["zero-shot"], kept["heard_in_training"])
    assert len(told) == 5 and share == pytest.approx(sum(told) / 5)


def test_the_random_ear_has_the_size_of_the_one_that_ships():
    random, shipped = load_embedder("random"), load_embedder("mini")
    sizes = [{name: weight.shape for name, weight in ear.model.state_dict().items()}
             for ear in (random, shipped)]  # fmt: skip
    assert sizes[0] == sizes[1] and random.fingerprint != shipped.fingerprint
    assert random.fingerprint == load_embedder("random").fingerprint


def test_mfcc_are_numbers_of_any_sound_that_can_be_read():
    pytest.importorskip("librosa")
    mfcc = load_embedder("mfcc")
    for count in (1_600, 16_000):
        rows = mfcc.embed(torch.randn(count, generator=torch.Generator().manual_seed(0)), 16_000)
        assert rows.shape == (1, 80) and rows.isfinite().all()


def test_without_librosa_mfcc_are_refused(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "librosa", None)
    with pytest.raises(SgimError, match="librosa is not installed"):
        embedders.load_embedder("mfcc")


def test_a_changed_file_is_a_changed_page_and_a_changed_table(tmp_path, take):
    benchmark = read_benchmark("esc10", esc10_folder(tmp_path / "ESC-10"))
    take(benchmark, ["log-mel"], ["knn", "probe"], out="downstream_esc10.json")
    (tmp_path / "published_results.csv").write_bytes(
        (ROOT / "data/published_results.csv").read_bytes()
    )
    published, taken = read_files(tmp_path)
    before, rows = downstream_page(published, taken), downstream_csv(published, taken)
    path = tmp_path / "downstream_esc10.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    results["embedders"]["log-mel"]["tasks"]["knn"] |= {"accuracy": 0.3125, "interval": [0.2, 0.4]}
    path.write_text(json.dumps(results), encoding="utf-8")
    page, table = downstream_page(*read_files(tmp_path)), downstream_csv(*read_files(tmp_path))
    changed = set(page.splitlines()) - set(before.splitlines())
    assert len(changed) == 1 and "31.2 (20–40)" in changed.pop()
    changed = set(table.splitlines()) - set(rows.splitlines())
    assert len(changed) == 1 and "sgim: log-mel,ESC-10,nearest neighbours,31.2" in changed.pop()
    text = (tmp_path / "published_results.csv").read_text(encoding="utf-8")
    (tmp_path / "published_results.csv").write_text(text.replace(",57.8,", ",12.3,"))
    assert "12.3" in downstream_page(*read_files(tmp_path))


def test_a_section_shows_all_that_was_kept(tmp_path, take):
    benchmark = read_benchmark("folder", own_folder(tmp_path / "mine"))
    section = benchmark_section(take(benchmark, ["log-mel"], FROZEN))
    for words in ("linear probe", "nearest neighbours", "a blind guess", benchmark.fingerprint[:12],
                  "sgim evaluate --data X", "clips of each label"):  # fmt: skip
        assert words in section, words
