"""Data sets: the published layouts are read, folds are theirs, what is absent is told."""

import csv
import tarfile
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import torch
from places import SHARED

from sgim.checks import SgimError
from sgim.files import datasets
from sgim.files.datasets import (
    DATA_SETS,
    fetch,
    read_esc,
    read_labelled_folder,
    read_urbansound8k,
    read_vggsound,
    read_vggsound_table,
)
from sgim.files.shards import index_shards, read_clip

ESC10 = SHARED / "esc10"


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")


@pytest.fixture
def esc10(tmp_path):
    for name in ("001 - Dog bark/1-100032-A.ogg", "001 - Dog bark/5-9032-A.ogg"):
        touch(tmp_path / name)
    for name in ("002 - Rain/2-21189-A.ogg", "002 - Rain/2-21189-B.ogg", "002 - Rain/notes.txt"):
        touch(tmp_path / name)
    touch(tmp_path / "README.txt")
    return tmp_path


@pytest.fixture
def esc50(tmp_path):
    rows = [
        "filename,fold,target,category,esc10,src_file,take",
        "2-77-A-11.wav,2,11,sea_waves,True,77,A",
        "1-55-A-0.wav,1,0,dog,True,55,A",
    ]
    touch(tmp_path / "audio/2-77-A-11.wav")
    touch(tmp_path / "audio/1-55-A-0.wav")
    (tmp_path / "meta").mkdir()
    (tmp_path / "meta/esc50.csv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def test_esc10_folds_and_recordings_come_from_the_file_names(esc10):
    clips = read_esc(esc10)
    assert clips.names == ("dog bark", "rain")
    assert [path.name for path in clips.paths][2:] == ["2-21189-A.ogg", "2-21189-B.ogg"]
    assert clips.classes == [0, 0, 1, 1]
    assert clips.folds == [1, 5, 2, 2]
    assert clips.groups == ["100032", "9032", "21189", "21189"]


def test_esc50_folds_and_classes_come_from_its_table(esc50):
    clips = read_esc(esc50)
    assert clips.names == ("dog", "sea waves")
    assert [path.name for path in clips.paths] == ["1-55-A-0.wav", "2-77-A-11.wav"]
    assert (clips.classes, clips.folds, clips.groups) == ([0, 1], [1, 2], ["55", "77"])


def test_a_clip_of_the_table_that_is_missing_is_named(esc50):
    (esc50 / "audio/1-55-A-0.wav").unlink()
    with pytest.raises(SgimError, match="1-55-A-0.wav is named in esc50.csv but missing"):
        read_esc(esc50)


def test_a_table_without_folds_is_refused(esc50):
    (esc50 / "meta/esc50.csv").write_text("filename,target\na.wav,0\n", encoding="utf-8")
    with pytest.raises(SgimError, match="columns filename, fold"):
        read_esc(esc50)


def test_a_folder_that_is_missing_or_holds_something_else_is_refused(tmp_path):
    with pytest.raises(SgimError, match="is not a folder"):
        read_esc(tmp_path / "nowhere")
    with pytest.raises(SgimError, match="holds neither"):
        read_esc(tmp_path)


def test_only_the_rows_of_esc10_are_kept_when_asked_for(esc50):
    table = esc50 / "meta/esc50.csv"
    table.write_text(table.read_text().replace("dog,True", "dog,False"))
    assert read_esc(esc50, only_esc10=True).names == ("sea waves",)
    assert len(read_esc(esc50).paths) == 2


@pytest.mark.skipif(not ESC10.is_dir(), reason="the recordings of ESC-10 are not on this machine")
def test_the_real_esc10_has_its_published_size():
    clips = read_esc(ESC10)
    assert len(clips.paths) == 400 and len(clips.names) == 10
    assert sorted(set(clips.folds)) == [1, 2, 3, 4, 5]
    assert all(clips.classes.count(index) == 40 for index in range(10))
    assert len(set(zip(clips.groups, clips.folds, strict=True))) == len(set(clips.groups))


@pytest.fixture
def urbansound(tmp_path):
    (tmp_path / "metadata").mkdir()
    with open(tmp_path / "metadata/UrbanSound8K.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["slice_file_name", "fsID", "start", "end", "salience", "fold", "classID", "class"]
        )
        writer.writerow(["7061-6-0-0.wav", 7061, 0, 4, 1, 10, 6, "gun_shot"])
        writer.writerow(["100032-3-0-0.wav", 100032, 0, 0.3, 1, 5, 3, "dog_bark"])
    touch(tmp_path / "audio/fold10/7061-6-0-0.wav")
    touch(tmp_path / "audio/fold5/100032-3-0-0.wav")
    return tmp_path


def test_urbansound_folds_classes_and_recordings_come_from_its_table(urbansound):
    clips = read_urbansound8k(urbansound)
    assert clips.names == ("dog bark", "gun shot")
    assert [path.parent.name for path in clips.paths] == ["fold5", "fold10"]
    assert (clips.classes, clips.folds, clips.groups) == ([0, 1], [5, 10], ["100032", "7061"])
    (urbansound / "audio/fold10/7061-6-0-0.wav").unlink()
    with pytest.raises(SgimError, match="7061-6-0-0.wav is named in UrbanSound8K.csv but missing"):
        read_urbansound8k(urbansound)


VGG_TABLE = """\
---g-f_I2yQ,1,"people marching","test"
--0PQM4-hqg,30,"waterfall burbling","train"
-0cIs-zvVO8,30,"playing trumpet","train"
"""


def tone(path, seconds=0.5):
    path.parent.mkdir(parents=True, exist_ok=True)
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(int(16_000 * seconds)) / 16_000)
    soundfile.write(path, wave, 16_000)
    return path


@pytest.fixture
def vggsound(tmp_path):
    (tmp_path / "vggsound.csv").write_text(VGG_TABLE, encoding="utf-8")
    tone(tmp_path / "clips/--0PQM4-hqg_000030.wav")
    return tmp_path


def test_absent_clips_of_vggsound_are_counted_not_an_error(vggsound):
    clips = read_vggsound(vggsound)
    assert clips.missing == 1 and clips.groups == ["--0PQM4-hqg"]
    assert [clips.names[index] for index in clips.classes] == ["waterfall burbling"]
    with pytest.raises(SgimError, match="none of the 1 clips of the split test"):
        read_vggsound(vggsound, split="test")
    with pytest.raises(SgimError, match="split is 'dev'"):
        read_vggsound(vggsound, split="dev")


def test_a_broken_line_of_the_table_is_named(vggsound):
    (vggsound / "vggsound.csv").write_text(VGG_TABLE + "oops,now\n", encoding="utf-8")
    with pytest.raises(SgimError, match="line 4"):
        read_vggsound_table(vggsound / "vggsound.csv")


def test_clips_in_shards_are_found_and_read_like_files(vggsound, tmp_path):
    webdataset = pytest.importorskip("webdataset")
    keys = ("--0PQM4-hqg_000030", "---g-f_I2yQ_000001", "unknown_000000")
    files = [tone(tmp_path / "in" / f"{key}.wav", 0.5 + place) for place, key in enumerate(keys)]
    shard = tmp_path / "shard-000000.tar"
    with webdataset.TarWriter(str(shard)) as writer:
        for file in files:
            writer.write({"__key__": file.stem, "wav": file.read_bytes(), "txt": b"a note"})
    clips = read_vggsound(vggsound, shards=[shard])
    assert [clips.names[label] for label in clips.classes] == ["waterfall burbling"]
    assert clips.missing == 1 and read_vggsound(vggsound, split="test", shards=[shard]).missing == 0
    assert torch.equal(read_clip(clips.paths[0]), read_clip(files[0]))
    members = index_shards([shard])
    assert sorted(members) == sorted(keys)
    assert str(members[keys[2]]).endswith("shard-000000.tar/unknown_000000.wav")


def test_a_shard_that_is_missing_or_damaged_is_named(tmp_path):
    with pytest.raises(SgimError, match="a.tar is missing"):
        index_shards([tmp_path / "a.tar"])
    file = tone(tmp_path / "long.wav", 5)
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.add(file, "x.wav")
    (tmp_path / "a.tar").write_bytes((tmp_path / "a.tar").read_bytes()[:50_000])
    with pytest.raises(SgimError, match="a.tar is not a whole, uncompressed tar file"):
        index_shards([tmp_path / "a.tar"])


def test_a_damaged_clip_in_a_shard_is_named(tmp_path):
    (tmp_path / "broken.wav").write_bytes(b"RIFF, but no more")
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.add(tmp_path / "broken.wav", "broken.wav")
    with pytest.raises(SgimError, match="a.tar/broken.wav is"):
        read_clip(index_shards([tmp_path / "a.tar"])["broken"])


def test_clips_are_chosen_by_place_and_by_label(tmp_path):
    for name in ("fire/camp.wav", "rain/shower.wav", "wind/gale.wav"):
        tone(tmp_path / name)
    clips = read_labelled_folder(tmp_path)
    assert clips.part([2, 0]).groups == ["wind/gale.wav", "fire/camp.wav"]
    two = clips.labelled(("wind", "fire"))
    assert (two.names, two.classes) == (("wind", "fire"), [1, 0])


def test_a_folder_per_label_is_a_data_set(tmp_path):
    tone(tmp_path / "rain/shower.wav")
    tone(tmp_path / "fire/camp.wav")
    touch(tmp_path / "fire/notes.txt")
    clips = read_labelled_folder(tmp_path)
    assert clips.names == ("fire", "rain") and clips.classes == [0, 1]
    with pytest.raises(SgimError, match="holds no sounds such as"):
        read_labelled_folder(tmp_path / "rain")


def test_without_a_network_the_address_the_place_and_the_size_are_told(tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "127.0.0.1:9")
    with pytest.raises(SgimError) as error:
        fetch("vggsound", tmp_path, progress=False)
    for part in ("vggsound/vggsound.csv", "https://www.robots.ox.ac.uk", "8.0 MB"):
        assert part in str(error.value)


def test_a_disk_that_is_too_full_is_told_before_the_download(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=10**9))
    with pytest.raises(SgimError, match="urbansound8k with its archive needs 12 GB"):
        fetch("urbansound8k", tmp_path)


def test_an_unknown_data_set_is_refused():
    with pytest.raises(SgimError, match="data set is 'esc51'; it must be one of esc50"):
        datasets.data_set("esc51")


def test_every_data_set_tells_its_licence_source_and_size():
    for known in DATA_SETS.values():
        assert known.remote.license and known.remote.citation and known.remote.num_bytes > 1e6
        assert all(url.startswith("https://") for url in known.remote.urls)
