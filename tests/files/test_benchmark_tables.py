"""ESC-50, ESC-10 and UrbanSound8K: published layouts and others are read, folds are theirs."""

import csv

import pytest
from places import SHARED

from sgim.checks import SgimError
from sgim.files.esc import read_esc
from sgim.files.urbansound8k import read_urbansound8k

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


def test_clips_of_esc10_lie_at_any_depth_and_in_any_format(esc10):
    touch(esc10 / "002 - Rain/late/3-77-A.WAV")
    touch(esc10 / "002 - Rain/._2-21189-A.ogg")
    clips = read_esc(esc10)
    assert clips.groups == ["100032", "9032", "21189", "21189", "77"] and clips.folds[-1] == 3
    (esc10 / "nested").mkdir()
    for name in ("001 - Dog bark", "002 - Rain"):
        (esc10 / name).rename(esc10 / "nested" / name)
    assert read_esc(esc10).groups == clips.groups
    touch(esc10 / "002 - Rain/my rain.ogg")
    touch(esc10 / "rain.ogg")
    with pytest.warns(UserWarning, match="2 sounds in .* are left out, for they are not named"):
        assert read_esc(esc10).groups == clips.groups


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


ESC50_HEAD = "filename,fold,target,category,esc10,src_file,take"
ESC50_ROWS = (
    "1-55-A-0.wav,1,0,dog,True,55,A",
    "2-77-A-11.wav,2,11,sea_waves,False,77,A",
    "2-78-A-11.wav,2,11,sea_waves,True,78,A",
)


def write_esc50(folder, rows=ESC50_ROWS, table="meta/esc50.csv", audio="audio"):
    for row in ESC50_ROWS:
        touch(folder / audio / row.split(",")[0])
    touch(folder / table)
    (folder / table).write_text("\n".join([ESC50_HEAD, *rows]) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("table", "audio"),
    [
        ("meta/esc50.csv", "audio"),
        ("esc50.csv", "audio/audio"),
        ("esc50.csv", "audio"),
        ("esc50.csv", "."),
        ("ESC-50-master/meta/esc50.csv", "ESC-50-master/audio"),
        ("esc50.csv", "audio/audio/44100"),
    ],
)
def test_the_table_and_the_clips_of_esc50_may_lie_elsewhere(tmp_path, table, audio):
    clips = read_esc(write_esc50(tmp_path, table=table, audio=audio))
    assert clips.names == ("dog", "sea waves") and clips.folds == [1, 2, 2]
    assert [path.parent for path in clips.paths] == [tmp_path / audio] * 3


def test_clips_that_lie_there_twice_are_those_nearest_to_the_top(tmp_path):
    write_esc50(tmp_path, audio="audio/audio/16000")
    write_esc50(tmp_path, audio="audio/audio")
    write_esc50(tmp_path, audio="__MACOSX")
    write_esc50(tmp_path, table=".ipynb_checkpoints/esc50.csv")
    for path in list((tmp_path / "audio").glob("*.wav")):
        path.rename(path.with_name(f"._{path.name}"))
    assert {path.parent for path in read_esc(tmp_path).paths} == {tmp_path / "audio/audio"}


def test_an_empty_copy_does_not_stand_for_a_filled_one(tmp_path):
    write_esc50(tmp_path, audio="audio")
    write_esc50(tmp_path, audio="audio/44100")
    (tmp_path / "audio/44100/1-55-A-0.wav").write_bytes(b"sound")
    parents = [path.parent.name for path in read_esc(tmp_path).paths]
    assert parents == ["44100", "audio", "audio"]


def test_two_tables_beside_each_other_are_refused(tmp_path):
    write_esc50(tmp_path / "a")
    write_esc50(tmp_path / "b")
    with pytest.raises(SgimError, match="holds several esc50.csv: .*name the folder of one"):
        read_esc(tmp_path)
    assert len(read_esc(tmp_path / "a").paths) == 3


@pytest.mark.parametrize("yes", ["True", "TRUE", "true", "1", "1.0", "WAHR"])
def test_esc10_is_marked_in_whatever_way_a_spreadsheet_writes_it(tmp_path, yes):
    write_esc50(tmp_path, [row.replace("True", yes) for row in ESC50_ROWS])
    assert len(read_esc(tmp_path, only_esc10=True).paths) == 2


def test_a_table_that_marks_no_clip_of_esc10_is_refused(tmp_path):
    write_esc50(tmp_path, [row.replace("True", "False") for row in ESC50_ROWS])
    with pytest.raises(SgimError, match="marks no clip as one of ESC-10"):
        read_esc(tmp_path, only_esc10=True)


def test_numbers_with_a_point_are_those_without(tmp_path):
    rows = [row.replace(",2,", ",2.0,").replace(",11,", ",11.0,") for row in ESC50_ROWS]
    assert read_esc(write_esc50(tmp_path, rows)).folds == [1, 2, 2]


def test_clips_are_found_in_other_cases_and_under_other_paths(tmp_path):
    write_esc50(tmp_path, ["audio\\" + ESC50_ROWS[0].replace(".wav", ".WAV"), *ESC50_ROWS[1:]])
    assert read_esc(tmp_path).paths[0] == tmp_path / "audio/1-55-A-0.wav"


def test_a_row_that_is_there_twice_counts_once(tmp_path):
    write_esc50(tmp_path, [*ESC50_ROWS, ESC50_ROWS[0].replace(",1,", ",1.0,"), ESC50_ROWS[1]])
    with pytest.warns(UserWarning, match="names 2 clips more than once"):
        assert len(read_esc(tmp_path).paths) == 3


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("1-55-A-0.wav,3,0,dog,True,55,A", "has the fold 1 in .* line 2 and 3 in .* line 5"),
        ("./1-55-A-0.wav,3,0,dog,True,55,A", "has the fold 1 in"),
        ("1-55-A-0.wav,1,11,sea_waves,True,55,A", "has the class 0 in"),
        ("1-55-A-0.wav,1,0,cat,True,55,A", "0 has the name dog in"),
        ("1-55-A-0.wav,1,0,dog,True,56,A", "has the recording 55 in"),
        ("1-55-A-0.wav,one,0,dog,True,55,A", "fold in .* line 5 is 'one'"),
        ("9-99-A-0.wav,1,0,dog", "line 5 has 4 cells"),
    ],
)
def test_rows_that_contradict_each_other_are_refused(tmp_path, row, words):
    with pytest.raises(SgimError, match=words):
        read_esc(write_esc50(tmp_path, [*ESC50_ROWS, row]))


def test_a_recording_in_several_folds_is_told(tmp_path):
    write_esc50(tmp_path, [row.replace(",77,", ",55,") for row in ESC50_ROWS])
    with pytest.warns(UserWarning, match="1 recordings in several folds, such as 55"):
        assert len(read_esc(tmp_path).paths) == 3


def test_how_many_clips_are_missing_is_told(tmp_path):
    write_esc50(
        tmp_path, [*ESC50_ROWS, "3-1-A-0.wav,3,0,dog,True,1,A", "3-2-A-0.wav,3,0,dog,True,2,A"]
    )
    with pytest.raises(SgimError, match="3-1-A-0.wav is named .* .and 1 more."):
        read_esc(tmp_path)


def test_the_layout_of_urbansound_at_kaggle_is_read(urbansound):
    (urbansound / "metadata/UrbanSound8K.csv").rename(urbansound / "UrbanSound8K.csv")
    for folder in ("fold5", "fold10"):
        (urbansound / "audio" / folder).rename(urbansound / folder)
    clips = read_urbansound8k(urbansound)
    assert [path.parent.name for path in clips.paths] == ["fold5", "fold10"]
    assert clips.folds == [5, 10]
    (urbansound / "UrbanSound8K.csv").unlink()
    with pytest.raises(SgimError, match="holds no UrbanSound8K.csv"):
        read_urbansound8k(urbansound)


def test_a_clip_is_taken_from_the_folder_of_its_fold(urbansound):
    touch(urbansound / "fold7/7061-6-0-0.wav")
    table = urbansound / "metadata/UrbanSound8K.csv"
    table.write_text(table.read_text().replace(",10,6,", ",fold10,6,"))
    clips = read_urbansound8k(urbansound)
    assert clips.paths[1] == urbansound / "audio/fold10/7061-6-0-0.wav" and clips.folds[1] == 10
