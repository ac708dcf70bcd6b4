"""VGG-Sound: what is absent is counted, in files and in shards, and a clip counts once."""

import pytest
import torch
from tones import tone

from sgim.checks import SgimError
from sgim.files.shards import index_shards, read_clip
from sgim.files.vggsound import read_vggsound, read_vggsound_splits, read_vggsound_table

VGG_TABLE = """\
---g-f_I2yQ,1,"people marching","test"
--0PQM4-hqg,30,"waterfall burbling","train"
-0cIs-zvVO8,30,"playing trumpet","train"
"""


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


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_and_a_head_cost_no_clip(vggsound, encoding):
    tone(vggsound / "---g-f_I2yQ_000001.wav")
    table = "youtube_id,start,label,split\n" + VGG_TABLE
    for text in (VGG_TABLE, table):
        (vggsound / "vggsound.csv").write_text(text, encoding=encoding)
        assert read_vggsound(vggsound, split="test").missing == 0
        assert len(read_vggsound_table(vggsound / "vggsound.csv")) == 3


def test_starts_with_a_point_are_those_without(vggsound):
    table = VGG_TABLE.replace(",30,", ",30.0,")
    (vggsound / "vggsound.csv").write_text(table, encoding="utf-8")
    assert read_vggsound(vggsound).groups == ["--0PQM4-hqg"]


def test_a_clip_in_both_splits_is_held_out_and_told(vggsound):
    twice = VGG_TABLE + '--0PQM4-hqg,30,"waterfall burbling","test"\n' + VGG_TABLE
    (vggsound / "vggsound.csv").write_text(twice, encoding="utf-8")
    with pytest.warns(UserWarning, match="names 4 clips more than once"):
        held_out = read_vggsound(vggsound, split="test")
    assert held_out.groups == ["--0PQM4-hqg"]
    with pytest.warns(UserWarning), pytest.raises(SgimError, match="none of the 1 clips"):
        read_vggsound(vggsound)


@pytest.mark.parametrize("line", ["a,-1,x,train", "a,1,x,dev", "a,soon,x,train", "a,1,x"])
def test_a_line_that_says_something_else_is_refused(vggsound, line):
    (vggsound / "vggsound.csv").write_text(VGG_TABLE + line + "\n", encoding="utf-8")
    with pytest.raises(SgimError, match="line 4"):
        read_vggsound_table(vggsound / "vggsound.csv")


def test_the_good_one_of_several_files_is_heard(vggsound):
    good = read_clip(vggsound / "clips/--0PQM4-hqg_000030.wav")
    for name in ("other/--0PQM4-hqg_000030.mp3", "--0PQM4-hqg_000030.f251.wav"):
        (vggsound / "other").mkdir(exist_ok=True)
        (vggsound / name).write_bytes(b"")
        (path,) = read_vggsound(vggsound).paths
        assert torch.equal(read_clip(path), good)
        (vggsound / name).write_bytes(b"<!DOCTYPE html>" * 5_000)
        (path,) = read_vggsound(vggsound).paths
        assert torch.equal(read_clip(path), good)


def test_hidden_files_are_no_clips(vggsound):
    for name in ("._---g-f_I2yQ_000001.wav", ".trash/---g-f_I2yQ_000001.wav"):
        tone(vggsound / name)
    with pytest.raises(SgimError, match="none of the 1 clips of the split test"):
        read_vggsound_splits(vggsound)
    tone(vggsound / "---g-f_I2yQ_000001.wav")
    training, held_out = read_vggsound_splits(vggsound)
    assert len(training.paths) == 1 and held_out.paths == [vggsound / "---g-f_I2yQ_000001.wav"]
