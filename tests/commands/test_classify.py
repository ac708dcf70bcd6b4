"""The command that says what recordings sound like."""

import json
import os
from pathlib import Path

import pytest
from command_line import run

from sgim.world.names import SOUND_NAMES

pytestmark = pytest.mark.usefixtures("loaded")


def test_classify_names_a_sound_and_scores_all_eight(capsys, sounds):
    code, (line,), complaints = run(capsys, "classify", sounds / "fire.wav", "--json")
    answer = json.loads(line)
    assert code == 0 and complaints == []
    assert list(answer) == ["file", "label", "scores", "probabilities", "none"]
    assert not answer["none"] and 0 < sum(answer["probabilities"].values()) <= 1
    assert answer["file"] == str(sounds / "fire.wav") and answer["label"] == "fire"
    assert set(answer["scores"]) == set(SOUND_NAMES)
    assert answer["label"] == max(answer["scores"], key=answer["scores"].get)
    assert all(-1 <= score <= 1 for score in answer["scores"].values())


def test_classify_answers_the_good_files_among_bad_ones(capsys, sounds):
    files = [sounds / name for name in ("words.wav", "fire.wav", "missing.wav", "rain.ogg")]
    code, lines, complaints = run(capsys, "classify", *files, "--json")
    assert code == 2
    assert [json.loads(line)["file"] for line in lines] == [str(files[1]), str(files[3])]
    assert [line.startswith("sgim: ") for line in complaints] == [True, True]
    assert "words.wav is not a sound" in complaints[0]
    assert "missing.wav does not exist" in complaints[1]


def test_no_file_name_keeps_the_other_files_from_an_answer(capsys, sounds, tmp_path):
    content = (sounds / "fire.wav").read_bytes()
    latin = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.wav"))
    latin.write_bytes(content)
    files = [
        tmp_path / ("x" * 300 + ".wav"),
        tmp_path / "a.wav" / "b.wav",
        latin,
        tmp_path / "c.wav",
    ]
    files[-1].write_bytes(content)
    code, lines, complaints = run(capsys, "classify", *files, "--json")
    assert code == 2 and len(complaints) == 2
    assert [json.loads(line)["label"] for line in lines] == ["fire", "fire"]
    _, lines, _ = run(capsys, "classify", *files)
    assert [line.split()[0] for line in lines] == [f"{tmp_path}/caf\\xe9.wav", str(files[-1])]


def test_classify_prints_an_aligned_table(capsys, sounds):
    _, lines, _ = run(capsys, "classify", sounds / "fire.wav", sounds / "rain.ogg")
    starts = {line.index("  ") for line in lines}
    assert len(lines) == 2 and len(starts) == 1
    assert " fire (" in lines[0] and "%)" in lines[0]


def test_classify_takes_labels_of_ones_own(capsys, sounds):
    labels = "heavy rain, a crackling campfire ,birds"
    code, (line,), complaints = run(
        capsys, "classify", sounds / "fire.wav", "--labels", labels, "--json"
    )
    answer = json.loads(line)
    assert code == 0 and complaints == []
    assert set(answer["scores"]) == {"heavy rain", "a crackling campfire", "birds"}
    assert answer["label"] == "a crackling campfire"


def test_unknown_words_in_labels_are_warned_of_in_one_line(capsys, sounds):
    code, lines, complaints = run(
        capsys, "classify", sounds / "fire.wav", "--labels", "rain,purple fire"
    )
    assert code == 0 and len(lines) == 1
    (warning,) = complaints
    assert warning.startswith("sgim: warning: ") and "'purple'" in warning


@pytest.mark.parametrize(
    ("labels", "words"), [(" , ", "--labels is"), ("rain,xylophone quartz", "'xylophone quartz'")]
)
def test_labels_without_a_known_word_are_refused(capsys, sounds, labels, words):
    code, lines, (complaint,) = run(capsys, "classify", sounds / "fire.wav", "--labels", labels)
    assert code == 2 and lines == [] and words in complaint


def test_classify_asks_the_bundle_and_the_device_that_are_named(capsys, sounds, loaded):
    arguments = ("--bundle", "mini-synthetic", "--device", "cpu")
    assert run(capsys, "classify", sounds / "fire.wav", *arguments)[0] == 0
    assert loaded == [("mini-synthetic", "cpu")]
