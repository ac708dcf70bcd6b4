"""Shards: sounds in tar files, whoever made them and how."""

import io
import tarfile

import pytest
import torch
from tones import tone

from sgim.checks import SgimError
from sgim.files.shards import Copies, index_shards, key_of, read_clip


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


def pack(path, members, **options):
    """A tar file of (name, bytes), or (name, what a hard link leads to)."""
    with tarfile.open(path, "w", **options) as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            if isinstance(content, str):
                member.type, member.linkname = tarfile.LNKTYPE, content
                archive.addfile(member)
            else:
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def sound(tmp_path):
    return tone(tmp_path / "tone.wav").read_bytes()


def test_a_key_ends_at_the_first_dot(tmp_path, sound):
    names = ("./clips/a_000001.audio.wav", "b_000002.wav", "c/d.e/f_000003.16k.mono.wav")
    members = index_shards([pack(tmp_path / "a.tar", [(name, sound) for name in names])])
    assert list(members) == ["a_000001", "b_000002", "f_000003"]
    assert [member.stem for member in members.values()] == list(members)
    assert key_of("a_000001") == "a_000001"


def test_hidden_members_are_no_clips(tmp_path, sound):
    names = ("._a.wav", "__MACOSX/._a.wav", ".hidden.wav", "a.txt", "a.wav")
    assert list(index_shards([pack(tmp_path / "a.tar", [(name, sound) for name in names])])) == [
        "a"
    ]


@pytest.mark.parametrize("bad", [b"", b"RIFF, but no more", b"<html>not found</html>" * 4_000])
@pytest.mark.parametrize("bad_last", [True, False])
def test_the_good_one_of_several_members_is_heard(tmp_path, sound, bad, bad_last):
    members = [("a.wav", sound), ("a.mp3", bad)]
    found = index_shards([pack(tmp_path / "a.tar", members if bad_last else members[::-1])])
    assert torch.equal(read_clip(found["a"]), read_clip(tmp_path / "tone.wav"))
    found = index_shards(
        [pack(tmp_path / f"{name}.tar", [(name, content)]) for name, content in members]
    )
    assert torch.equal(read_clip(found["a"]), read_clip(tmp_path / "tone.wav"))


def test_a_film_is_heard_where_pyav_reads_it_and_no_sound_lies_beside_it(
    tmp_path, sound, monkeypatch
):
    members = [("a.wav", sound), ("a.mp4", sound), ("b.MP4", sound), ("c.txt", b"words")]
    path = pack(tmp_path / "a.tar", members)
    monkeypatch.setattr("sgim.files.shards.pyav_is_installed", lambda: True)
    found = index_shards([path])
    assert [file.name for file in found["a"].files] == ["a.wav", "a.mp4"]
    assert list(found) == ["a", "b"] and found["b"].name == "b.MP4"
    monkeypatch.setattr("sgim.files.shards.pyav_is_installed", lambda: False)
    with pytest.warns(UserWarning, match=r"1 files in .*a\.tar are left out .\.mp4., .*PyAV"):
        assert list(index_shards([path])) == ["a"]


def test_copies_that_are_all_bad_are_told_like_one(tmp_path):
    found = index_shards([pack(tmp_path / "a.tar", [("a.wav", b""), ("a.mp3", b"")])])
    assert isinstance(found["a"], Copies) and found["a"].stem == "a"
    with pytest.raises(SgimError, match="a.tar/a.* is empty"):
        read_clip(found["a"])


def test_links_lead_to_what_they_stand_for(tmp_path, sound):
    path = pack(tmp_path / "a.tar", [("in/a.wav", sound), ("b.wav", "in/a.wav"), ("c.wav", "gone")])
    with tarfile.open(path, "a") as archive:
        for name, target in (("in/d.wav", "../b.wav"), ("e.wav", "e.wav")):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    found = index_shards([path])
    assert sorted(found) == ["a", "b", "d"]
    assert all(member.read_bytes() == sound for member in found.values())


def test_sparse_members_are_filled_with_their_silence(tmp_path, sound):
    whole = sound[:4_000] + bytes(8_192) + sound[:600] + bytes(1_000)
    member = tarfile.TarInfo("a.wav")
    member.pax_headers = {
        "GNU.sparse.map": "0,4000,12192,600",
        "GNU.sparse.size": str(len(whole)),
        "GNU.sparse.numblocks": "2",
    }
    member.size = 4_600
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(member, io.BytesIO(sound[:4_000] + sound[:600]))
        member = tarfile.TarInfo("b.wav")
        member.size = len(sound)
        archive.addfile(member, io.BytesIO(sound))
    found = index_shards([tmp_path / "a.tar"])
    assert found["a"].read_bytes() == whole and found["b"].read_bytes() == sound


def test_shards_that_were_joined_are_read_to_the_last(tmp_path, sound):
    parts = [pack(tmp_path / f"{name}.tar", [(f"{name}.wav", sound)]) for name in "abc"]
    joined = tmp_path / "joined.tar"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts) + b"bytes behind the end")
    found = index_shards([joined])
    assert list(found) == ["a", "b", "c"]
    assert all(member.read_bytes() == sound for member in found.values())


def test_a_shard_that_was_cut_or_damaged_is_told(tmp_path, sound):
    whole = pack(tmp_path / "a.tar", [("a.wav", sound), ("b.wav", sound)]).read_bytes()
    second = whole.index(b"b.wav")
    cut = tmp_path / "cut.tar"
    cut.write_bytes(whole[:second])
    with pytest.warns(UserWarning, match="cut.tar ends without the mark of its end"):
        assert list(index_shards([cut])) == ["a"]
    cut.write_bytes(whole[: second + 100])
    with pytest.raises(SgimError, match="cut.tar is not a whole"):
        index_shards([cut])
    cut.write_bytes(whole[:second] + b"x" + whole[second + 1 :])
    with pytest.raises(SgimError, match=f"there is no header at byte {second}"):
        index_shards([cut])


def test_a_shard_of_nothing_holds_nothing(tmp_path):
    assert index_shards([pack(tmp_path / "a.tar", [])]) == {}
    (tmp_path / "b.tar").write_bytes(b"")
    with pytest.raises(SgimError, match="b.tar is not a whole"):
        index_shards([tmp_path / "b.tar"])
