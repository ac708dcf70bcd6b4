"""The command `study`: a page from edits, tables from answers."""

import json

import pytest
import torch
from command_line import run
from PIL import Image
from simulated_raters import simulate
from study_makers import make_study, make_trials
from tones import tone

from sgim.bundle import load_judge
from sgim.checks import SgimError
from sgim.evaluation import study_trials
from sgim.evaluation.edit_batches import Edited
from sgim.evaluation.human_study import CHECK, draw_study
from sgim.evaluation.preference_analysis import analyze_preferences
from sgim.evaluation.preference_tables import to_markdown
from sgim.evaluation.study_answers import write_answers
from sgim.evaluation.study_trials import read_trials, world_trials
from sgim.media.picture_files import to_pictures
from sgim.notebook.preference_figure import plot_preferences
from sgim.world.layers import weather_place

STRENGTHS = {"red": 0.8, "green": 0.0, "blue": -0.8}


@pytest.fixture
def edits(tmp_path):
    """A table of pictures and sounds on disk."""
    rows = ["scene,sound,method,source,edit,recording,clear"]
    for number, trial in enumerate(make_trials(side=64)):
        scene = f"{trial.scene}.png"
        to_pictures(trial.source[None])[0].save(tmp_path / scene)
        tone(tmp_path / f"{trial.sound}.wav")
        for method, picture in trial.edits.items():
            file = f"{number}_{method}.png"
            to_pictures(picture[None])[0].save(tmp_path / file)
            clear = "yes" if method in trial.clear else "no"
            cells = (trial.scene, trial.sound, method, scene, file, f"{trial.sound}.wav", clear)
            rows.append(",".join(cells))
    path = tmp_path / "edits.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_a_study_is_made_from_a_table_of_files(capsys, edits, tmp_path):
    out = tmp_path / "new" / "study.html"
    code, lines, _ = run(
        capsys, "study", "make", "--edits", edits, "--out", out, "--pairs", 6, "--checks", 4,
        "--question", "Which is louder?",
    )  # fmt: skip
    assert code == 0 and "Which is louder?" in out.read_text(encoding="utf-8")
    assert f"{out}: study s" in lines[0] and "6 comparisons, 4 checks" in lines[0]
    assert "3 of 4 checks right; 31% of raters who only guess" in lines[1]


def test_a_table_gives_the_trials_that_it_names(edits):
    trials = read_trials(edits, size=64)
    expected = make_trials(side=64)
    assert [(one.scene, one.sound) for one in trials] == [(x.scene, x.sound) for x in expected]
    for one, other in zip(trials, expected, strict=True):
        assert tuple(one.clear) == ("red",)
        for method, picture in one.edits.items():
            assert torch.allclose(picture, other.edits[method], atol=1 / 127)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("0_red.png", "missing.png", "missing.png does not exist"),
        ("scene 1,rain,green", "scene 1,rain,red", "is a second edit of scene 1 by rain and red"),
        ("0_red.png,rain.wav", "0_red.png,fire.wav", "has the recording fire.wav in"),
        (",yes", ",perhaps", "it must be True or False"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(capsys, edits, tmp_path, old, new, words):
    edits.write_text(edits.read_text().replace(old, new))
    code, lines, told = run(capsys, "study", "make", "--edits", edits, "--out", tmp_path / "a.html")
    assert code == 2 and not lines and words in told[-1]
    assert not (tmp_path / "a.html").exists()


def test_options_that_do_not_go_together_are_refused_before_the_work(capsys, tmp_path):
    code, _, (complaint,) = run(
        capsys, "study", "make", "--edits", "x.csv", "--scenes", 3, "--out", tmp_path / "a.html"
    )
    assert code == 2 and "--scenes are of the mini world" in complaint
    code, _, (complaint,) = run(capsys, "study", "make", "--out", tmp_path / "a.png")
    assert code == 2 and "must end in .html" in complaint


@pytest.fixture(scope="module")
def judge():
    return load_judge("cpu")


@pytest.fixture
def ways(monkeypatch):
    """Ways to edit that take no time: the sound's own weather, and nothing."""

    def painted(bundle, source_ws, guides):
        edits = []
        for guide in guides:
            ws = source_ws.clone()
            row, column = weather_place(guide.name)
            ws[:, row, column] = 1.2
            edits.append(Edited(source_ws, ws, bundle.generator.synthesis(ws), 0.0))
        return edits

    monkeypatch.setitem(study_trials.WAYS, "painted", painted)
    return ("painted", "no edit")


def test_edits_of_the_mini_world_are_clear_where_they_are_right(bundle, judge, ways):
    trials = world_trials(
        bundle, judge, ways=ways, scene_seeds=(500, 501), sounds=("rain", "fire"), resolution=64
    )
    assert len(trials) == 4 and trials[0].source.shape == (3, 64, 64)
    for trial in trials:
        assert "no edit" not in trial.clear
        assert torch.equal(trial.edits["no edit"], trial.source)
    assert any("painted" in trial.clear for trial in trials)
    study = draw_study(trials, num_pairs=4, num_checks=1)
    assert sum(question.kind == CHECK for question in study.questions) == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"ways": ("no edit",)}, "a study compares two or more"),
        ({"ways": ("no edit", "magic")}, "way is 'magic'"),
        ({"sounds": ("rian",)}, "the nearest is rain"),
    ],
)
def test_unknown_ways_and_sounds_are_named(bundle, judge, settings, words):
    with pytest.raises(SgimError, match=words):
        world_trials(bundle, judge, **settings)


@pytest.fixture
def answers(tmp_path):
    """Files of twenty simulated raters, five of them careless."""
    everything = simulate(make_study(num_pairs=12, num_checks=6), STRENGTHS, 20, careless=5)
    for rater in {answer.rater for answer in everything}:
        own = [answer for answer in everything if answer.rater == rater]
        write_answers(tmp_path / "answers" / f"answers_{rater}.csv", own)
    return sorted((tmp_path / "answers").iterdir()), everything


def test_answers_become_tables_numbers_and_a_figure(capsys, answers, tmp_path):
    paths, everything = answers
    code, lines, complaints = run(
        capsys, "study", "analyze", *paths, "--plot", tmp_path / "a.png", "--json",
        tmp_path / "a.json",
    )  # fmt: skip
    analysis = analyze_preferences(sorted(everything, key=lambda one: one.rater))
    assert code == 0 and complaints == [] and lines == to_markdown(analysis).splitlines()
    kept = json.loads((tmp_path / "a.json").read_text())
    assert kept["preferences"][0]["wins"] == analysis.preferences[0].wins
    with Image.open(tmp_path / "a.png") as figure:
        assert figure.size[0] > 800


def test_files_that_are_no_answers_are_named(capsys, tmp_path):
    (tmp_path / "a.csv").write_text("hello\n")
    for name, words in (("a.csv", "a.csv has no column study"), ("b.csv", "is missing")):
        code, lines, (complaint,) = run(capsys, "study", "analyze", tmp_path / name)
        assert code == 2 and not lines and words in complaint


def test_the_figure_divides_each_bar_where_preferences_are(answers):
    analysis = analyze_preferences(answers[1])
    figure = plot_preferences(analysis)
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    shares = [100 * one.share for one in analysis.preferences]
    assert widths[::2] == pytest.approx(shares)
    assert widths[1::2] == pytest.approx([100 - share for share in shares])
