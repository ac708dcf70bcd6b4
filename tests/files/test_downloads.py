"""Downloads: resumed, verified, whole or not at all; archives stay inside their folder."""

import dataclasses
import io
import tarfile
import zipfile

import pytest
from moody_server import BODY, SHA256, addresses

from sgim.checks import SgimError
from sgim.files.downloads import RemoteFile, download, unpack


def remote(server, *pages, checksum=SHA256, **others):
    return RemoteFile(
        file_name="clips.bin",
        urls=addresses(server, *pages),
        num_bytes=len(BODY),
        license="none",
        citation="none",
        checksum=checksum,
        **others,
    )


def test_a_file_is_fetched_once(server, tmp_path):
    for _ in range(2):
        path = download(remote(server, "good"), tmp_path, progress=False)
        assert path.read_bytes() == BODY
    assert len(server.asked) == 1


def test_a_broken_connection_is_taken_up_where_it_stopped(server, tmp_path):
    path = download(remote(server, "cut-once"), tmp_path, progress=False)
    assert path.read_bytes() == BODY
    (_, first), (_, second) = server.asked
    assert first is None and 0 < int(second.removeprefix("bytes=").rstrip("-")) <= len(BODY) // 2


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("gone", "404"),
        ("page", "web page"),
        ("disguised", "web page"),
        ("wrong", "hash"),
        ("cut", "connection brok"),
    ],
)
def test_what_goes_wrong_is_told_with_the_remedy_and_leaves_no_file(server, tmp_path, page, reason):
    with pytest.raises(SgimError, match=f"(?i){reason}.*by other means and put it at"):
        download(remote(server, page), tmp_path, progress=False)
    assert not (tmp_path / "clips.bin").exists()


def test_a_mirror_takes_over(server, tmp_path):
    path = download(remote(server, "gone", "wrong", "good"), tmp_path, progress=False)
    assert path.read_bytes() == BODY


def test_a_file_without_a_published_checksum_is_trusted_once_and_then_held_to_it(server, tmp_path):
    unknown = remote(server, "good", checksum=None)
    path = download(unknown, tmp_path, progress=False)
    assert SHA256.endswith((tmp_path / "clips.bin.sha256").read_text().strip())
    path.write_bytes(BODY + b"!")
    with pytest.raises(SgimError, match="clips.bin has the sha256.*delete .*clips.bin.sha256"):
        download(unknown, tmp_path, progress=False)
    path.unlink()
    with pytest.raises(SgimError, match="hash.*delete .*clips.bin.sha256"):
        download(remote(server, "wrong", checksum=None), tmp_path, progress=False)
    assert not path.exists()


@pytest.mark.parametrize("page", ["page", "disguised", "wrong"])
def test_nothing_is_trusted_that_begins_like_another_file(server, tmp_path, page):
    unknown = remote(server, page, checksum=None, magic=(b"PK", BODY[:2]))
    with pytest.raises(SgimError, match="web page|begins with b'.xff"):
        download(unknown, tmp_path, progress=False)
    assert not list(tmp_path.glob("*"))
    good = remote(server, page, "good", checksum=None, magic=(b"PK", BODY[:2]))
    assert download(good, tmp_path, progress=False).read_bytes() == BODY


def test_a_file_of_unknown_size_says_so(server, tmp_path):
    unknown = dataclasses.replace(remote(server, "gone"), num_bytes=None)
    with pytest.raises(SgimError, match="size unknown"):
        download(unknown, tmp_path, progress=False)


def zipped(path, *names):
    with zipfile.ZipFile(path, "w") as file:
        for name in names:
            file.writestr(name, b"data")
    return path


def tarred(path, *members):
    with tarfile.open(path, "w:gz") as file:
        for member in members:
            member.size = 4 if member.isfile() else 0
            file.addfile(member, io.BytesIO(b"data") if member.isfile() else None)
    return path


def test_archives_lose_their_top_folder(tmp_path):
    folder = unpack(zipped(tmp_path / "a.zip", "top/audio/x.wav", "top/y.csv"), tmp_path / "a")
    assert (folder / "audio/x.wav").read_bytes() == b"data" and (folder / "y.csv").is_file()
    archive = tarred(tmp_path / "b.tar.gz", tarfile.TarInfo("x.wav"), tarfile.TarInfo("y.wav"))
    assert sorted(p.name for p in unpack(archive, tmp_path / "b").iterdir()) == ["x.wav", "y.wav"]


@pytest.mark.parametrize("name", ["../out.txt", "/out.txt", "top/../../out.txt", "c:\\out.txt"])
def test_a_path_that_leads_out_is_refused_and_nothing_is_left(tmp_path, name):
    for archive in (
        zipped(tmp_path / "a.zip", "fine.txt", name),
        tarred(tmp_path / "a.tar.gz", tarfile.TarInfo("fine.txt"), tarfile.TarInfo(name)),
    ):
        with pytest.raises(SgimError, match="leads out of its folder"):
            unpack(archive, tmp_path / "target")
    assert {path.name for path in tmp_path.iterdir()} == {"a.zip", "a.tar.gz"}
    assert not (tmp_path.parent / "out.txt").exists()


def test_links_are_refused(tmp_path):
    link = tarfile.TarInfo("passwords")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with pytest.raises(SgimError, match="no plain file"):
        unpack(tarred(tmp_path / "a.tar.gz", link), tmp_path / "target")


def test_a_damaged_archive_is_told(tmp_path):
    whole = zipped(tmp_path / "a.zip", "x").read_bytes()
    for name in ("a.zip", "a.tar.gz"):
        (tmp_path / name).write_bytes(whole[: len(whole) // 2])
        with pytest.raises(SgimError, match="cannot be unpacked"):
            unpack(tmp_path / name, tmp_path / "target")
