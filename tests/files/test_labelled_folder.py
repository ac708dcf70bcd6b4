"""A folder of one's own: every sound below a label is found, nothing else is, all else is told."""

import os
import shutil
import sys

import pytest
from tones import tone

from sgim.checks import SgimError
from sgim.files.labelled_folder import read_labelled_folder


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
    (tmp_path / "fire/notes.txt").write_bytes(b"")
    clips = read_labelled_folder(tmp_path)
    assert clips.names == ("fire", "rain") and clips.classes == [0, 1]
    with pytest.raises(SgimError, match="holds no sounds such as"):
        read_labelled_folder(tmp_path / "rain")


def test_what_programs_leave_behind_is_no_sound(tmp_path):
    for label in ("rain", "fire"):
        tone(tmp_path / label / "a.wav")
        (tmp_path / label / "._a.wav").write_bytes(b"\0\5\x16\7 Mac OS X")
    for place in (".ipynb_checkpoints", "__MACOSX/rain", "rain/.ipynb_checkpoints", "rain/@eaDir"):
        tone(tmp_path / place / "a.wav")
    (tmp_path / ".DS_Store").write_bytes(b"")
    clips = read_labelled_folder(tmp_path)
    assert clips.names == ("fire", "rain") and clips.groups == ["fire/a.wav", "rain/a.wav"]


def test_sounds_in_folders_below_a_label_are_read(tmp_path):
    for name in ("rain/a.wav", "rain/monday/a.wav", "rain/monday/late/b.WAV", "fire/c.wav"):
        tone(tmp_path / name)
    clips = read_labelled_folder(tmp_path)
    assert [clips.names[label] for label in clips.classes] == ["fire", "rain", "rain", "rain"]
    assert len(set(clips.groups)) == 4


def test_one_sound_in_two_formats_is_one_recording(tmp_path):
    for name in ("rain/a.flac", "rain/a.wav", "rain/b.wav", "fire/a.wav"):
        tone(tmp_path / name)
    groups = read_labelled_folder(tmp_path).groups
    assert groups == ["fire/a.wav", "rain/a.flac", "rain/a.flac", "rain/b.wav"]


def test_copies_are_told(tmp_path):
    tone(tmp_path / "rain/a.wav")
    tone(tmp_path / "storm/other.wav")
    for name in ("rain/a (1).wav", "storm/b.wav"):
        shutil.copy(tmp_path / "rain/a.wav", tmp_path / name)
    for name in ("rain/empty.wav", "rain/empty_too.wav"):
        (tmp_path / name).write_bytes(b"")
    with pytest.warns(UserWarning, match="2 sounds in .* are copies .* such as .*rain/a.wav"):
        assert len(read_labelled_folder(tmp_path).groups) == 6


def test_what_is_no_file_is_not_looked_into(tmp_path):
    tone(tmp_path / "rain/a.wav")
    os.mkfifo(tmp_path / "rain/fifo.wav")
    (tmp_path / "rain/gone.wav").symlink_to("nowhere.wav")
    assert len(set(read_labelled_folder(tmp_path).groups)) == 3


def test_sounds_without_a_label_are_told(tmp_path):
    tone(tmp_path / "rain/a.wav")
    tone(tmp_path / "lost.wav")
    with pytest.warns(UserWarning, match="1 sounds lie in"):
        assert read_labelled_folder(tmp_path).groups == ["rain/a.wav"]


def test_recordings_of_phones_count_where_pyav_reads_them_and_are_told_where_not(
    tmp_path, monkeypatch
):
    for name in ("fire/a.aiff", "rain/a.wav", "rain/b.ogg"):
        tone(tmp_path / name)
    (tmp_path / "rain/b.ogg").rename(tmp_path / "rain/b.oga")
    for name in ("rain/a.mp4", "rain/memo.m4a", "fire/memo.WEBM", "fire/notes.txt"):
        (tmp_path / name).write_bytes(name.encode())
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.warns(UserWarning, match=r"2 files .* .\.m4a, \.webm., .*run `pip install av`"):
        assert read_labelled_folder(tmp_path).groups == ["fire/a.aiff", "rain/a.wav", "rain/b.oga"]
    monkeypatch.setattr("sgim.files.sound_clips.pyav_is_installed", lambda: True)
    assert read_labelled_folder(tmp_path).groups == [
        *("fire/a.aiff", "fire/memo.WEBM", "rain/a.wav", "rain/b.oga", "rain/memo.m4a"),
    ]


def test_links_are_followed_once(tmp_path):
    tone(tmp_path / "elsewhere/a.wav")
    tone(tmp_path / "sounds/fire/b.wav")
    (tmp_path / "sounds/rain").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "sounds/fire/loop").symlink_to(tmp_path / "sounds/fire")
    (tmp_path / "sounds/fire/up").symlink_to(tmp_path)
    assert read_labelled_folder(tmp_path / "sounds").groups == ["fire/b.wav", "rain/a.wav"]


def test_a_folder_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    tone(tmp_path / "rain/a.wav")
    tone(tmp_path / "fire/b.wav")
    scandir = os.scandir

    def locked(path):
        if str(path).endswith("fire"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", locked)
    with pytest.warns(UserWarning, match="fire cannot be read .Permission denied."):
        assert read_labelled_folder(tmp_path).names == ("rain",)


def test_names_in_bytes_of_an_old_windows_are_read(tmp_path):
    sound = tone(tmp_path / "a.wav").read_bytes()
    label = os.fsencode(tmp_path) + b"/sounds/m\xfcve"
    os.makedirs(label)
    with open(label + b"/caf\xe9.wav", "wb") as file:
        file.write(sound)
    clips = read_labelled_folder(tmp_path / "sounds")
    assert clips.names == ("m\xfcve",) and os.fsencode(clips.paths[0]).endswith(b"caf\xe9.wav")
