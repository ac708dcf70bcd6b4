"""Files from the internet: resumed, verified, written whole or not at all.

`RemoteFile` -> `download` -> a verified file · archive -> `unpack` -> a folder
"""

import hashlib
import os
import shutil
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pooch
import requests
from tqdm import tqdm

from sgim.checks import SgimError, atomic_path, require

CHUNK = 1 << 18
ATTEMPTS = 3
PAGE_STARTS = (b"<!doctype", b"<html")
TIMEOUT = (10, 60)
BROKEN = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    ConnectionResetError,
)
pooch.get_logger().setLevel("WARNING")


@dataclass(frozen=True, kw_only=True)
class RemoteFile:
    """A file that others publish.

    `urls` are mirrors of the same bytes; `num_bytes` is None where the size is unknown; `checksum`
    is "md5:..." or "sha256:...", None where nobody has published one: then the first download is
    trusted and its SHA-256 kept beside it. A file that does not begin with one of `magic` is
    refused; () allows any but a web page.
    """

    file_name: str
    urls: tuple[str, ...]
    num_bytes: int | None
    license: str
    citation: str
    checksum: str | None = None
    magic: tuple[bytes, ...] = ()

    @property
    def size(self) -> str:
        """The size as people write it."""
        return "size unknown" if self.num_bytes is None else format_size(self.num_bytes)


def format_size(num_bytes: float) -> str:
    """Bytes as people write them.

    Examples
    --------
    >>> format_size(6_000_000_000), format_size(18_000)
    ('6.0 GB', '18 kB')
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if num_bytes >= size:
            value = num_bytes / size
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
    return f"{num_bytes:.0f} B"


def require_disk(folder: Path, num_bytes: int, what: str) -> None:
    """Raise `SgimError` when the disk of `folder` has less than `num_bytes` left."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    require(
        free >= num_bytes,
        f"{what} needs {format_size(num_bytes)} in {folder}, where {format_size(free)} are free; "
        "make room or choose another folder.",
    )


def download(remote: RemoteFile, folder: str | os.PathLike, *, progress: bool = True) -> Path:
    """Fetch a file into `folder` unless it is there already, and verify it.

    A broken connection is taken up where it stopped, in this call or in a later one.

    Raises
    ------
    SgimError
        When no mirror gives the right bytes, or the disk is too full. The sentence names the
        address, the size and the place, for fetching by hand.
    """
    path = Path(folder) / remote.file_name
    if path.is_file():
        return verified(path, remote)
    require_disk(path.parent, remote.num_bytes or 0, remote.file_name)
    failures = []
    for url in remote.urls:
        try:
            pooch.retrieve(
                url,
                known_hash=_known_checksum(path, remote),
                fname=path.name,
                path=path.parent,
                downloader=_Resuming(remote, progress),
            )
        except (OSError, ValueError, requests.RequestException) as error:
            failures.append(f"{url}: {str(error).splitlines()[0]}")
        else:
            _remember(path, remote)
            return path
    raise SgimError(
        f"{remote.file_name} could not be fetched ({'; '.join(failures)}); fetch "
        f"{remote.urls[0]} ({remote.size}) by other means and put it at {path}"
        f"{_trust_another(path, remote)}."
    )


@dataclass(frozen=True)
class _Resuming:
    """A downloader for pooch that goes on with the part that an earlier attempt left."""

    remote: RemoteFile
    progress: bool

    def __call__(self, url: str, output_file: str, _: object) -> None:
        address = hashlib.sha256(url.encode()).hexdigest()[:8]
        part = Path(output_file).parent / f"{self.remote.file_name}.{address}.part"
        for attempt in range(ATTEMPTS):
            try:
                self._append(url, part)
                break
            except BROKEN:
                if attempt == ATTEMPTS - 1:
                    raise
        self._require_no_other_file(part)
        os.replace(part, output_file)

    def _require_no_other_file(self, part: Path) -> None:
        with open(part, "rb") as file:
            head = file.read(64)
        if head.lstrip().lower().startswith(PAGE_STARTS):
            reason = "the server sent a web page in place of the file"
        elif self.remote.magic and not head.startswith(self.remote.magic):
            reason = f"what came begins with {head[:12]!r}, as no such file does"
        else:
            return
        part.unlink()
        raise OSError(reason)

    def _append(self, url: str, part: Path) -> None:
        have = part.stat().st_size if part.exists() else 0
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
            if answer.status_code == requests.codes.requested_range_not_satisfiable:
                part.unlink()
                raise requests.ConnectionError("the server has less than was already fetched")
            answer.raise_for_status()
            if answer.headers.get("Content-Type", "").startswith("text/html"):
                raise OSError("the server sent a web page in place of the file")
            have = have if answer.status_code == requests.codes.partial_content else 0
            length = answer.headers.get("Content-Length")
            total = have + int(length) if length else None
            if total is not None:
                require_disk(part.parent, total - have, self.remote.file_name)
            with (
                open(part, "ab" if have else "wb") as file,
                tqdm(
                    desc=self.remote.file_name,
                    total=total,
                    initial=have,
                    unit="B",
                    unit_scale=True,
                    disable=not self.progress,
                ) as bar,
            ):
                for chunk in answer.iter_content(CHUNK):
                    file.write(chunk)
                    bar.update(len(chunk))
        if total is not None and part.stat().st_size < total:
            raise requests.ConnectionError(
                f"the connection broke after {format_size(part.stat().st_size)}"
            )


def _note_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _remember(path: Path, remote: RemoteFile) -> None:
    """Keep the SHA-256 of a file whose publisher names none."""
    if remote.checksum is None:
        with atomic_path(_note_of(path)) as note:
            note.write_text(pooch.file_hash(str(path)) + "\n")


def _known_checksum(path: Path, remote: RemoteFile) -> str | None:
    """The published checksum, or the one that was noted at the first use."""
    if remote.checksum is None and _note_of(path).is_file():
        return f"sha256:{_note_of(path).read_text().strip()}"
    return remote.checksum


def _trust_another(path: Path, remote: RemoteFile) -> str:
    """What to do besides, where it was the note that was not met."""
    if remote.checksum is None and _note_of(path).is_file():
        return f"; to trust other bytes than at the first time, delete {_note_of(path)}"
    return ""


def verified(path: Path, remote: RemoteFile) -> Path:
    """Return `path`, whose bytes are those of `remote`.

    Raises
    ------
    SgimError
        When they are others than were published, or than were there at the first use.
    """
    known = _known_checksum(path, remote)
    if known is None:
        _remember(path, remote)
        return path
    algorithm, wanted = known.split(":")
    found = pooch.file_hash(str(path), alg=algorithm)
    require(
        found == wanted,
        f"{path} has the {algorithm} {found}, not {wanted}; delete it and fetch it again"
        f"{_trust_another(path, remote)}.",
    )
    return path


def unpack(archive: str | os.PathLike, folder: str | os.PathLike) -> Path:
    """Unpack a zip or tar file into `folder`, which appears whole or not at all.

    A single folder at the top of the archive is left out, so its contents come to lie in `folder`.

    Raises
    ------
    SgimError
        When the archive is damaged, or one of its members is no plain file or folder inside it
        (a link, a device, a path that leads out).
    """
    archive, folder = Path(archive), Path(folder)
    require(not folder.exists(), f"{folder} is there already; delete it to unpack again.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as temporary:
        inside = Path(temporary) / "unpacked"
        inside.mkdir()
        try:
            for name, is_folder, open_member in _members(archive):
                target = _inside(inside, name, archive)
                if is_folder:
                    target.mkdir(parents=True, exist_ok=True)
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                with open_member() as source, open(target, "wb") as file:
                    shutil.copyfileobj(source, file)
        except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError) as error:
            raise SgimError(
                f"{archive} cannot be unpacked ({error}); delete it and fetch it again."
            ) from error
        top = list(inside.iterdir())
        os.replace(top[0] if len(top) == 1 and top[0].is_dir() else inside, folder)
    return folder


def _inside(folder: Path, name: str, archive: Path) -> Path:
    parts = name.replace("\\", "/").split("/")
    safe = not name.startswith(("/", "\\")) and ".." not in parts and ":" not in parts[0]
    require(safe, f"{archive} holds {name!r}, which leads out of its folder; do not trust it.")
    return folder.joinpath(*parts)


def _members(archive: Path) -> Iterator[tuple]:
    """Name, whether it is a folder, and a function that opens it, of each member."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as file:
            for member in file.infolist():
                kind = stat.S_IFMT(member.external_attr >> 16)
                require(
                    kind in (0, stat.S_IFREG, stat.S_IFDIR),
                    f"{archive} holds {member.filename!r}, which is no plain file; do not trust "
                    "it.",
                )
                yield member.filename, member.is_dir(), lambda m=member: file.open(m)
        return
    with tarfile.open(archive) as file:
        for member in file:
            require(
                member.isfile() or member.isdir(),
                f"{archive} holds {member.name!r}, which is no plain file; do not trust it.",
            )
            yield member.name, member.isdir(), lambda m=member: file.extractfile(m)
