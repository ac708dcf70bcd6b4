"""Downloads: resumed, verified, whole or not at all; archives stay inside their folder."""

import hashlib
import io
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sgim.checks import SgimError
from sgim.downloads import RemoteFile, download, unpack

HOST = "127.0.0.1"
BODY = bytes(range(256)) * 4000
SHA256 = f"sha256:{hashlib.sha256(BODY).hexdigest()}"


class Moody(BaseHTTPRequestHandler):
    """Serves BODY: whole at /good, cut short at /cut, other bytes, a web page, or nothing."""

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Range")))
        start = int((self.headers.get("Range") or "bytes=0-").split("=")[1].rstrip("-"))
        if self.path == "/gone":
            return self.send_error(404)
        if self.path == "/page":
            return self.answer(b"<html>Sign in</html>", kind="text/html")
        if self.path == "/wrong":
            return self.answer(BODY[::-1])
        body = BODY[start:]
        if self.path == "/cut" or (self.path == "/cut-once" and start == 0):
            return self.answer(body, cut=len(body) // 2)
        return self.answer(body, status=206 if start else 200)

    def answer(self, body, *, status=200, kind="application/octet-stream", cut=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:cut])
        self.close_connection = True

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    server = ThreadingHTTPServer((HOST, 0), Moody)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def remote(server, *pages, checksum=SHA256):
    return RemoteFile(
        file_name="clips.bin",
        urls=tuple(f"http://{HOST}:{server.server_port}/{page}" for page in pages),
        num_bytes=len(BODY),
        license="none",
        citation="none",
        checksum=checksum,
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
    [("gone", "404"), ("page", "web page"), ("wrong", "hash"), ("cut", "connection brok")],
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
    with pytest.raises(SgimError, match="clips.bin has the sha256"):
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
