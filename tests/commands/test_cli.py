"""The command line: answers, exit codes, and one sentence for everything that goes wrong."""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.metadata import EntryPoint

import numpy as np
import pytest
import soundfile
from PIL import Image
from places import ROOT

from sgim import bundle
from sgim.checks import SgimError
from sgim.commands import cli, doctor, edit
from sgim.editing import projection
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.project_config import ProjectConfig
from sgim.notebook import demo
from sgim.world.names import SOUND_NAMES, WEATHER_NAMES
from sgim.world.sounds import synthesize_sound


@pytest.fixture(scope="module")
def mini():
    return bundle.load_bundle("mini")


@pytest.fixture(autouse=True)
def load_once(monkeypatch, mini):
    for module in (bundle, demo):
        monkeypatch.setattr(module, "load_bundle", lambda name: mini)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """Files fire.wav (5 s), rain.ogg (30 s, stereo, 44.1 kHz), words.wav and cut.wav (both bad)."""
    folder = tmp_path_factory.mktemp("sounds")
    waveform, sample_rate = synthesize_sound("fire", 0.8, 5.0, 1)
    soundfile.write(folder / "fire.wav", waveform.numpy(), sample_rate)
    waveform, _ = synthesize_sound("rain", 0.8, 80.0, 1)
    soundfile.write(folder / "rain.ogg", np.stack([waveform, waveform], axis=1), 44_100)
    (folder / "words.wav").write_text("only words\n" * 50)
    (folder / "cut.wav").write_bytes((folder / "fire.wav").read_bytes()[:9_000])
    return folder


def run(capsys, *arguments):
    """Exit code, lines on stdout, lines on stderr."""
    code = cli.main([str(argument) for argument in arguments])
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    return code, told.out.splitlines(), told.err.splitlines()


def test_classify_names_a_sound_and_scores_all_eight(capsys, sounds):
    code, (line,), complaints = run(capsys, "classify", sounds / "fire.wav", "--json")
    answer = json.loads(line)
    assert code == 0 and complaints == []
    assert list(answer) == ["file", "label", "scores"]
    assert answer["file"] == str(sounds / "fire.wav") and answer["label"] == "fire"
    assert set(answer["scores"]) == set(SOUND_NAMES)
    assert answer["label"] == max(answer["scores"], key=answer["scores"].get)
    assert all(-1 <= score <= 1 for score in answer["scores"].values())


def test_classify_answers_the_good_files_among_bad_ones(capsys, sounds):
    files = [sounds / name for name in ("words.wav", "fire.wav", "missing.wav", "rain.ogg")]
    code, lines, complaints = run(capsys, "classify", *files, "--json")
    assert code == 2
    assert [json.loads(line)["file"] for line in lines] == [str(files[1]), str(files[3])]
    assert [line.startswith("sgim: ") for line in complaints] == [True, True]
    assert "words.wav is not a sound" in complaints[0]
    assert "missing.wav does not exist" in complaints[1]


def test_classify_prints_an_aligned_table(capsys, sounds):
    _, lines, _ = run(capsys, "classify", sounds / "fire.wav", sounds / "rain.ogg")
    starts = {line.index("  ") for line in lines}
    assert len(lines) == 2 and len(starts) == 1
    assert "fire" in lines[0].split()[1]


def test_classify_takes_labels_of_ones_own(capsys, sounds):
    labels = "heavy rain, a crackling campfire ,birds"
    code, (line,), complaints = run(
        capsys, "classify", sounds / "fire.wav", "--labels", labels, "--json"
    )
    answer = json.loads(line)
    assert code == 0 and complaints == []
    assert set(answer["scores"]) == {"heavy rain", "a crackling campfire", "birds"}
    assert answer["label"] == "a crackling campfire"


def test_unknown_words_in_labels_are_warned_of_in_one_line(capsys, sounds):
    code, lines, complaints = run(
        capsys, "classify", sounds / "fire.wav", "--labels", "rain,purple fire"
    )
    assert code == 0 and len(lines) == 1
    (warning,) = complaints
    assert warning.startswith("sgim: warning: ") and "'purple'" in warning


@pytest.mark.parametrize(
    ("labels", "words"), [(" , ", "--labels is"), ("rain,xylophone quartz", "'xylophone quartz'")]
)
def test_labels_without_a_known_word_are_refused(capsys, sounds, labels, words):
    code, lines, (complaint,) = run(capsys, "classify", sounds / "fire.wav", "--labels", labels)
    assert code == 2 and lines == [] and words in complaint


def test_edit_writes_source_beside_edit_and_reads_the_scene_back(capsys, sounds, tmp_path):
    out = tmp_path / "fire.png"
    arguments = ("edit", sounds / "fire.wav", "--seed", 3, "--steps", 4, "--out", out, "--json")
    code, (line,), complaints = run(capsys, *arguments)
    answer = json.loads(line)
    assert code == 0 and complaints == []
    assert answer["files"] == [str(sounds / "fire.wav")] and answer["out"] == str(out)
    assert (answer["seed"], answer["steps"], answer["text"]) == (3, 4, None)
    assert answer["seconds"] > 0
    for moment in ("before", "after"):
        assert set(answer["scene"][moment]) == set(WEATHER_NAMES)
    before, after = answer["scene"]["before"], answer["scene"]["after"]
    assert before != after and all(0 <= value <= 1 for value in after.values())
    with Image.open(out) as picture:
        width, height = picture.size
        assert width > 2 * height
        left = np.asarray(picture.crop((0, 0, height, height)), dtype=float)
        right = np.asarray(picture.crop((width - height, 0, width, height)), dtype=float)
    assert np.abs(left - right).mean() > 0.1
    assert json.loads(run(capsys, *arguments)[1][0])["scene"] == answer["scene"]


def test_edit_mixes_sounds_and_text_and_leaves_out_bad_files(capsys, sounds, tmp_path):
    files = [sounds / name for name in ("fire.wav", "cut.wav", "rain.ogg")]
    options = ("--text", "heavy snow", "--steps", 1, "--out", tmp_path / "mix.png", "--json")
    code, (line,), (complaint,) = run(capsys, "edit", *files, *options)
    answer = json.loads(line)
    assert code == 2 and "cut.wav is truncated" in complaint
    assert answer["files"] == [str(files[0]), str(files[2])]
    assert answer["text"] == "heavy snow"


def test_edit_says_in_words_what_changed(capsys, sounds, tmp_path):
    out = tmp_path / "fire.png"
    _, (line,), _ = run(capsys, "edit", sounds / "fire.wav", "--steps", 2, "--out", out)
    assert line.startswith(f"{out}: ") and "->" in line and "(2 steps, " in line


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--steps", "0"), "num_steps is 0"),
        (("--out", "no_such_folder/edit.png"), "no_such_folder does not exist"),
        (("--out", "edit.jpg"), "must end in .png"),
        (("--text", "xylophone quartz"), "none of its words is known"),
    ],
)
def test_edit_refuses_bad_options_in_one_sentence(
    capsys, sounds, tmp_path, monkeypatch, options, words
):
    monkeypatch.chdir(tmp_path)
    code, lines, (complaint,) = run(capsys, "edit", sounds / "fire.wav", *options)
    assert code == 2 and lines == [] and words in complaint
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def quick_look(monkeypatch):
    config = ProjectConfig(num_starts=32, num_kept=1, num_steps=2)
    monkeypatch.setattr(projection, "ProjectConfig", lambda: config)


def test_edit_of_a_photo_shows_photo_projection_and_edit(capsys, sounds, tmp_path, quick_look):
    photo, out = tmp_path / "photo.png", tmp_path / "rain.png"
    Image.linear_gradient("L").resize((300, 200)).save(photo)
    arguments = ("edit", sounds / "fire.wav", "--image", photo, "--steps", 2, "--out", out)
    code, (line,), complaints = run(capsys, *arguments, "--json")
    answer = json.loads(line)
    assert code == 0 and complaints == []
    assert (answer["seed"], answer["image"]) == (None, str(photo)) and 5 < answer["psnr"] < 40
    with Image.open(out) as picture:
        width, height = picture.size
        assert 3 * height < width < 3.2 * height
        first = np.asarray(picture.crop((0, 0, height, height)), dtype=float)
    assert first[20:60].mean() < 80 < 180 < first[-60:-20].mean()
    assert "dB from photo to scene" in run(capsys, *arguments)[1][0]


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "does not exist"), (b"words", "no picture"), ("cut", "no picture"), ("1px", "1 x 1")],
)
def test_a_photo_that_cannot_be_used_is_told_in_one_sentence(
    capsys, sounds, tmp_path, content, words
):
    photo, out = tmp_path / "photo.png", tmp_path / "edit.png"
    if isinstance(content, bytes):
        photo.write_bytes(content)
    elif content is not None:
        Image.new("RGB", (1, 1) if content == "1px" else (64, 64)).save(photo)
        if content == "cut":
            photo.write_bytes(photo.read_bytes()[:60])
    code, lines, (complaint,) = run(
        capsys, "edit", sounds / "fire.wav", "--image", photo, "--out", out
    )
    assert code == 2 and lines == [] and not out.exists()
    assert complaint.startswith(f"sgim: {photo} ") and words in complaint


def test_a_text_of_unknown_words_is_refused_before_the_photo_is_projected(
    capsys, sounds, tmp_path, monkeypatch
):
    monkeypatch.setattr(edit, "_projected", lambda bundle, photo: pytest.fail("projected"))
    options = ("--image", "photo.png", "--text", "qwertz", "--out", tmp_path / "edit.png")
    code, lines, complaints = run(capsys, "edit", sounds / "fire.wav", *options)
    assert code == 2 and lines == [] and "qwertz" in complaints[-1]


def test_edit_takes_a_seed_or_a_photo_and_not_both(capsys, sounds, tmp_path):
    options = ("--seed", 0, "--image", "photo.png", "--out", tmp_path / "edit.png")
    code, lines, (complaint,) = run(capsys, "edit", sounds / "fire.wav", *options)
    assert code == 2 and lines == [] and "--seed and --image both" in complaint


def test_edit_without_any_good_sound_writes_nothing(capsys, sounds, tmp_path):
    out = tmp_path / "edit.png"
    code, lines, complaints = run(capsys, "edit", sounds / "words.wav", "--out", out)
    assert code == 2 and lines == [] and not out.exists()
    assert "words.wav is not a sound" in complaints[0]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["classify"],
        ["edit", "a.wav", "--seed", "-1"],
        ["edit", "a.wav", "--seed", "x"],
        ["sing"],
    ],
)
def test_wrong_arguments_exit_with_two(capsys, arguments):
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    (complaint,) = capsys.readouterr().err.splitlines()
    assert stop.value.code == 2 and complaint.startswith("sgim: ") and "--help`." in complaint


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["edit", "a.wav", "--stpes", "3"], "--stpes is not understood; the nearest is --steps;"),
        (["eddit"], "'eddit' is none of demo, edit, .*; the nearest is edit; see `sgim --help`"),
        (["bench", "edt"], "the nearest is edit; see `sgim bench --help`"),
        (["train", "recordings", "esc5", "x"], "the nearest is esc50; see `sgim train recordings"),
        (["doctor", "now"], "now is not understood; see `sgim doctor --help`"),
        (["classify", "--xyzzy=1", "a.wav"], "--xyzzy is not understood; see"),
    ],
)
def test_the_nearest_known_word_is_named(capsys, arguments, words):
    with pytest.raises(SystemExit):
        cli.main(arguments)
    assert re.search(words, capsys.readouterr().err)


def test_an_interrupt_ends_quietly(capsys, monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(doctor, "run_doctor", interrupt)
    assert run(capsys, "doctor") == (130, [], [])


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
        demo.check_folder(tmp_path)
    with pytest.raises(SgimError, match="is a file"):
        demo.check_folder(tmp_path / "index.html")


def test_a_demo_with_only_bad_recordings_stops_at_once(capsys, sounds, tmp_path):
    code, lines, (complaint,) = run(
        capsys, "demo", "--out", tmp_path / "demo", "--sound", sounds / "words.wav"
    )
    assert code == 2 and lines == [] and "words.wav is not a sound" in complaint
    assert not (tmp_path / "demo").exists()


def test_help_does_not_wait_for_torch():
    script = (
        "import sys; from sgim.commands.cli import build_parser; build_parser().format_help(); "
        "sys.exit(bool({'torch', 'numpy', 'PIL', 'tqdm', 'requests'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_the_module_runs_and_bad_input_has_no_traceback():
    command = [sys.executable, "-m", "sgim", "edit", "missing.wav", "--out", "no_folder/a.png"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == "sgim: no_folder does not exist; make the folder first or name another.\n"


def test_the_console_command_is_the_module():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (target,) = re.findall(r'^\[project.scripts\]\nsgim = "([^"]+)"$', project, re.MULTILINE)
    entry = EntryPoint("sgim", target, "console_scripts")
    assert entry.load() is sys.modules["sgim.__main__"].main


@pytest.mark.parametrize(
    "start", [["-m", "sgim"], ["-c", "import sys, sgim.__main__; sys.exit(sgim.__main__.main())"]]
)
def test_names_that_the_terminal_cannot_show_are_escaped(start):
    done = subprocess.run(
        [sys.executable, *start, "edit", "a.wav", "--out", "wörld/a.png"],
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(rb"sgim: w\xf6rld does not exist")


def test_a_reader_that_leaves_early_is_no_error():
    script = (
        "import sys, sgim.commands.cli, sgim.commands.doctor\n"
        "sgim.commands.doctor.run_doctor = lambda: print('word ' * 100_000)\n"
        "sys.exit(sgim.commands.cli.main(['doctor']))"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


def test_data_list_tells_size_and_licence(capsys):
    code, out, _ = run(capsys, "data", "list")
    assert code == 0
    assert any("urbansound8k" in line and "6.0 GB" in line for line in out)
    assert any("CC BY-NC" in line for line in out)


def test_data_check_counts_what_is_there(capsys, tmp_path):
    (tmp_path / "vggsound").mkdir()
    (tmp_path / "vggsound/vggsound.csv").write_text('abc,1,"rain","train"\nxyz,2,"fire","train"\n')
    soundfile.write(tmp_path / "vggsound/abc_000001.wav", np.ones(1600), 16_000)
    code, out, _ = run(capsys, "data", "check", "vggsound", "--folder", str(tmp_path))
    assert code == 0
    assert out == ["vggsound: 1 clips, 2 classes, 1 recordings, 1 folds, 1 missing"]


def test_data_fetch_asks_before_a_download(capsys, tmp_path):
    code, _, err = run(capsys, "data", "fetch", "urbansound8k", "--folder", str(tmp_path))
    assert code == 2 and "6.0 GB" in err[0] and "pass --yes" in err[-1]
    assert not list(tmp_path.iterdir())
    code, _, err = run(capsys, "data", "check", "esc51")
    assert code == 2 and "must be one of esc50" in err[0]
