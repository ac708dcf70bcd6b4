"""The command that makes the demo's page."""

import json
import os
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from command_line import run
from PIL import Image
from places import ROOT

from sgim.checks import SgimError
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.notebook import demo, demo_folder

pytestmark = pytest.mark.usefixtures("loaded")


def test_the_demo_is_written_whole_and_replaced_whole(capsys, sounds, tmp_path):
    out = tmp_path / "build" / "demo"
    settings = {"scene_seeds": (1,), "config": ManipulateConfig(num_steps=1)}
    complaints = []
    code = demo.run_demo(
        out,
        [str(sounds / "rain.ogg"), str(sounds / "words.wav")],
        lambda error: complaints.append(error) or 2,
        names=("fire",),
        **settings,
    )
    assert code == 2 and "words.wav" in str(complaints[0])
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 3 and told[-1] == f"the page: {out / 'index.html'}"
    manifest = json.loads((out / "demo.json").read_text())
    assert [sound["title"] for sound in manifest["sounds"]] == ["fire", "rain"]
    with Image.open(out / "sheet.png") as sheet:
        assert min(sheet.size) > 400
    page = Links((out / "index.html").read_text())
    assert len(page.targets) == 2 * (1 + 3) + 2
    for target in page.targets:
        assert (out / target).is_file(), target

    (out / "mine.txt").write_text("a file of the user's own")
    assert demo.run_demo(out, [], lambda error: 2, names=("waves",), **settings) == 0
    files = {path.name for path in out.rglob("*") if path.is_file()}
    assert {"mine.txt", "waves.wav", "waves_1.png"} <= files and "fire.wav" not in files
    assert [path.name for path in out.parent.iterdir()] == ["demo"]


class Links(HTMLParser):
    """The relative targets of a page; nothing in it may come from elsewhere."""

    def __init__(self, text):
        super().__init__()
        self.targets = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("src", "href"):
                assert ":" not in value and not value.startswith("/")
                self.targets.append(value)


def test_a_demo_that_breaks_off_leaves_nothing(tmp_path, monkeypatch):
    def fail(*arguments):
        raise OSError("no space left")

    monkeypatch.setattr(demo, "build_page", fail)
    with pytest.raises(OSError, match="no space left"):
        demo.run_demo(
            tmp_path / "demo",
            [],
            lambda error: 2,
            names=("rain",),
            scene_seeds=(1,),
            config=ManipulateConfig(num_steps=1),
        )
    assert list(tmp_path.iterdir()) == []


def test_the_demo_does_not_overwrite_a_page_of_someone_else(tmp_path):
    (tmp_path / "index.html").write_text("my home page")
    with pytest.raises(SgimError, match="not the demo's"):
        demo_folder.check_folder(tmp_path)
    with pytest.raises(SgimError, match="is a file"):
        demo_folder.check_folder(tmp_path / "index.html")


def test_a_demo_with_only_bad_recordings_stops_at_once(capsys, sounds, tmp_path):
    code, lines, (_, complaint) = run(
        capsys, "demo", "--out", tmp_path / "demo", "--sound", sounds / "words.wav"
    )
    assert code == 2 and lines == [] and "words.wav is not a sound" in complaint
    assert not (tmp_path / "demo").exists()


def test_the_demo_says_at_once_that_it_begins():
    command = [sys.executable, "-S", "-m", "sgim", "demo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    first, last = done.stderr.splitlines()
    assert first == "sgim: loading the models for the demo ..."
    assert "is not installed" in last, "it was said before any library was imported"


def test_bars_in_a_log_move_every_ten_seconds():
    script = (
        "import os, sgim.__main__ as start; from sgim.commands import cli\n"
        "cli.main = lambda: print(os.environ['TQDM_MININTERVAL'])\n"
        "start.main()"
    )
    environment = {name: value for name, value in os.environ.items() if "TQDM" not in name}
    command = [sys.executable, "-S", "-c", script]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("10\n", "")
