"""Published weights: where they belong, what is said of a missing one, and how they are fetched."""

import dataclasses
import re
import sys
from pathlib import Path

import pytest
from moody_server import BODY, SHA256, addresses

from sgim.checks import SgimError
from sgim.commands import cli
from sgim.files.registry import (
    WEIGHTS,
    WEIGHTS_OF_BUNDLES,
    fetch_weights,
    find_weights,
    weights_folder,
    weights_for,
)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty SGIM_HOME."""
    monkeypatch.setenv("SGIM_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def served(server, monkeypatch):
    """A function that makes all weights come from pages of the server; the names of their files."""

    def serve(*pages, **others):
        for name, remote in WEIGHTS.items():
            changes = {"checksum": None, "magic": (BODY[:2],), "num_bytes": len(BODY)} | others
            remote = dataclasses.replace(remote, urls=addresses(server, *pages), **changes)
            monkeypatch.setitem(WEIGHTS, name, remote)
        return [remote.file_name for remote in WEIGHTS.values()]

    return serve


def run(capsys, *arguments):
    """Exit code, lines on stdout, lines on stderr."""
    code = cli.main(list(arguments))
    told = capsys.readouterr()
    return code, told.out.splitlines(), told.err.splitlines()


def test_every_entry_tells_where_it_comes_from():
    assert {name for names in WEIGHTS_OF_BUNDLES.values() for name in names} <= set(WEIGHTS)
    assert len({remote.file_name for remote in WEIGHTS.values()}) == len(WEIGHTS)
    for remote in WEIGHTS.values():
        assert remote.license and remote.citation and remote.magic
        assert all(url.startswith("https://") for url in remote.urls)
        assert remote.checksum is None or re.fullmatch("sha256:[0-9a-f]{64}", remote.checksum)


def test_weights_lie_in_the_users_cache_unless_sgim_home_is_set(home, monkeypatch):
    assert weights_folder() == home / "weights"
    monkeypatch.setenv("SGIM_HOME", "~/models")
    assert weights_folder() == Path.home() / "models" / "weights"
    monkeypatch.delenv("SGIM_HOME")
    assert weights_folder().parts[-2:] == ("sgim", "weights")


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(SgimError, match="weights is 'huge'; it must be one of paper, paper-ffhq"):
        weights_for("huge")


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_missing_file_says_all_that_helps(name, home):
    remote = WEIGHTS[name]
    with pytest.raises(SgimError) as error:
        find_weights(name)
    for detail in (
        remote.file_name,
        remote.license,
        remote.urls[0],
        str(home / "weights"),
        f"`python -m sgim fetch {name}`",
    ):
        assert detail in str(error.value)
    assert not home.exists()


def test_fetched_weights_are_found_and_held_to_their_bytes(served, server):
    served("gone", "page", "disguised", "cut-once")
    path = fetch_weights("sgim-audio", progress=False)
    assert path.read_bytes() == BODY and find_weights("sgim-audio") == (path,)
    asked = len(server.asked)
    assert fetch_weights("sgim-audio", progress=False) == path and len(server.asked) == asked
    path.write_bytes(BODY[:-1])
    with pytest.raises(SgimError, match="resnet18_57.pth has the sha256"):
        find_weights("sgim-audio")


@pytest.mark.parametrize("page", ["gone", "page", "disguised", "wrong", "cut"])
@pytest.mark.parametrize("checksum", [None, SHA256])
def test_what_goes_wrong_is_told_and_leaves_no_weights(served, home, page, checksum):
    served(page, checksum=checksum)
    with pytest.raises(SgimError, match="could not be fetched .* by other means and put it at"):
        fetch_weights("landscape-256", progress=False)
    assert not (home / "weights" / "landscape.pt").exists()


def test_fetch_shows_size_licence_and_place_and_asks_first(capsys, served, server, home):
    files = served("good")
    code, out, told = run(capsys, "fetch", "paper")
    assert code == 2 and out == [] and "pass --yes" in told[-1]
    for file, line in zip(files[:3], told[:-1:2], strict=True):
        assert line.startswith(f"{file}, 1.0 MB, ") and line.endswith(f"into {home / 'weights'}.")
    assert all(line.startswith("Please cite: ") for line in told[1:-1:2])
    assert server.asked == [] and not home.exists()


@pytest.mark.parametrize(("answer", "num_files"), [("", 0), ("n", 0), ("y", 3), ("Yes", 3)])
def test_fetch_does_as_it_is_told(capsys, served, monkeypatch, answer, num_files):
    files = served("good")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: answer)
    code, out, _ = run(capsys, "fetch", "paper")
    assert code == 0
    assert out == [str(weights_folder() / file) for file in files[:num_files]]


def test_fetch_asks_nothing_when_all_is_here(capsys, served, server):
    served("good")
    assert run(capsys, "fetch", "paper", "--yes")[0] == 0
    asked = len(server.asked)
    code, out, told = run(capsys, "fetch", "paper")
    assert code == 0 and len(out) == 3 and told == [] and len(server.asked) == asked


def test_the_files_of_faces_come_with_the_recognition_network(capsys, served):
    served("good")
    code, out, _ = run(capsys, "fetch", "paper-ffhq", "--yes")
    assert code == 0 and [Path(line).name for line in out] == [
        *("ViT-B-32.pt", "resnet18_57.pth", "ffhq.pkl", "model_ir_se50.pth")
    ]
    (weights_folder() / "model_ir_se50.pth").unlink()
    assert len(find_weights("paper-ffhq", leave_out=("ir-se50",))) == 3
    with pytest.raises(SgimError, match="missing .* model_ir_se50.pth .* fetch paper-ffhq"):
        find_weights("paper-ffhq")


def test_one_dead_link_does_not_keep_the_others_away(capsys, served, server, monkeypatch):
    served("good")
    dead = dataclasses.replace(WEIGHTS["clip-vit-b-32"], urls=addresses(server, "gone"))
    monkeypatch.setitem(WEIGHTS, "clip-vit-b-32", dead)
    code, out, told = run(capsys, "fetch", "paper", "--yes")
    assert code == 2 and len(out) == 2
    assert "ViT-B-32.pt could not be fetched" in told[-1] and "404" in told[-1]


def test_offline_nothing_is_fetched(capsys, served, server):
    served("good")
    code, out, (complaint,) = run(capsys, "fetch", "paper", "--offline")
    assert code == 2 and out == [] and complaint.count("licence: ") == 3
    fetch_weights("sgim-audio", progress=False)
    code, (path,), _ = run(capsys, "fetch", "sgim-audio", "--offline")
    assert code == 0 and path.endswith("resnet18_57.pth")
    assert len(server.asked) == 1
