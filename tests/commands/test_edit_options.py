"""Every option of the command that edits pictures, and its settings read back."""

import dataclasses
import json
import re

import numpy as np
import pytest
from command_line import run
from generator_files import small_generator, write
from PIL import Image
from stylegan3_files import small_stylegan3, write_stylegan3_pkl

import sgim
from sgim.commands import cli


@pytest.fixture
def edit(capsys, sounds, tmp_path, monkeypatch, loaded, mini):
    """Edits in an empty folder beside the sounds; answers as dictionaries.

    The mini CLIP guides a small StyleGAN2, which draws quickly; `loaded.bundle` may change that.
    """
    monkeypatch.chdir(tmp_path)
    loaded.bundle = dataclasses.replace(mini, generator=small_generator())
    for name in ("fire.wav", "rain.ogg", "cut.wav"):
        (tmp_path / name).symlink_to(sounds / name)

    def edit(*arguments, code=0):
        found, lines, complaints = run(capsys, "edit", "--json", *arguments)
        assert found == code, complaints
        return [json.loads(line) for line in lines]

    return edit


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), dtype=float)


def test_several_sounds_are_mixed_and_each_compares_them(edit):
    (mixed,) = edit("fire.wav", "rain.ogg", "--steps", 1)
    fire, rain = edit("fire.wav", "rain.ogg", "--each", "--steps", 1)
    assert mixed["files"] == ["fire.wav", "rain.ogg"]
    assert (fire["files"], rain["files"]) == (["fire.wav"], ["rain.ogg"])
    assert len({answer["distance"]["after"] for answer in (mixed, fire, rain)}) == 3


def test_several_sounds_and_seeds_make_a_sheet_of_edits_that_do_not_depend_on_each_other(edit):
    answers = edit("fire.wav", "rain.ogg", "--each", "--seed", 3, 5, "--steps", 1)
    assert [(one["seed"], one["files"]) for one in answers] == [
        (3, ["fire.wav"]), (3, ["rain.ogg"]), (5, ["fire.wav"]), (5, ["rain.ogg"]),
    ]  # fmt: skip
    (alone,) = edit("rain.ogg", "--seed", 5, "--steps", 1, "--out", "alone.png")
    assert alone["distance"] == answers[3]["distance"]
    sheet, strip = pixels("edit.png"), pixels("alone.png")
    side = strip.shape[0]
    assert np.array_equal(sheet[-side:, -side:], strip[:, -side:])
    assert sheet.shape[0] > 2 * side and sheet.shape[1] > 3 * side


def test_seeds_may_stand_before_the_sounds(edit):
    answers = edit("--seed", 3, 5, "fire.wav", "rain.ogg", "--steps", 1)
    assert [one["seed"] for one in answers] == [3, 5]
    assert answers[0]["files"] == ["fire.wav", "rain.ogg"]


def test_sounds_on_both_sides_of_the_seeds_are_followed(edit):
    (answer,) = edit("fire.wav", "--seed", 3, "rain.ogg", "--steps", 1)
    assert answer["files"] == ["fire.wav", "rain.ogg"] and answer["seed"] == 3


def test_good_sounds_among_bad_ones_are_compared(edit):
    fire, rain = edit("fire.wav", "cut.wav", "rain.ogg", "--each", "--steps", 1, code=2)
    assert (fire["files"], rain["files"]) == (["fire.wav"], ["rain.ogg"])
    assert fire["settings"]["sounds"] == ["fire.wav", "rain.ogg"]


def test_mix_is_the_weight_of_the_text(edit):
    text = ("--text", "heavy snow")

    def picture(*arguments):
        edit(*arguments, "--steps", 2, "--learning-rate", 0.5)
        return pixels("edit.png")

    sound_alone, text_alone = picture("fire.wav"), picture(*text)
    assert np.array_equal(picture("fire.wav", *text, "--mix", 0), sound_alone)
    assert np.array_equal(picture("fire.wav", *text, "--mix", 1), text_alone)
    half = picture("fire.wav", *text, "--mix", 0.5)
    assert np.array_equal(picture("fire.wav", *text), half)
    for other in (sound_alone, text_alone):
        assert not np.array_equal(half, other)
    third = picture("fire.wav", "rain.ogg", *text, "--mix", 1 / 3)
    assert np.abs(picture("fire.wav", "rain.ogg", *text) - third).mean() < 0.1


ALL_OPTIONS = (
    "--each", "--seed", 3, 5, "--text", "thick fog", "--mix", 0.3, "--steps", 2,
    "--learning-rate", 0.1, "--similarity-weight", 0.01, "--identity-weight", 0, "--no-mask",
    "--layers", "1-3,5", "--strength", 1.5, "--device", "cpu", "--bundle", "mini",
)  # fmt: skip


def test_settings_of_a_run_give_the_same_picture_again(edit, tmp_path):
    first = edit("fire.wav", "rain.ogg", *ALL_OPTIONS)
    settings = first[0]["settings"]
    assert settings["seeds"] == [3, 5] and settings["strength"] == 1.5
    config = settings["config"]
    assert config["layers"] == [1, 2, 3, 5] and config["adaptive_layer_mask"] is False
    assert (config["num_steps"], config["learning_rate"]) == (2, 0.1)
    assert config["similarity_weight"] == 0.01
    (tmp_path / "run.json").write_text("\n".join(json.dumps(answer) for answer in first) + "\n")
    again = edit("--settings", "run.json", "--out", "again.png")
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "edit.png").read_bytes()
    assert [one["settings"] for one in again] == [settings] * 4


def test_settings_of_another_folder_find_the_files_beside_them(edit, tmp_path, monkeypatch):
    (first,) = edit("fire.wav", "--seed", 3, "--steps", 1)
    (tmp_path / "run.json").write_text(json.dumps(first))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (again,) = edit("--settings", "../run.json")
    assert again["files"] == ["../fire.wav"] and again["distance"] == first["distance"]


def test_typed_options_come_before_settings_of_a_file(edit, tmp_path):
    (first,) = edit("fire.wav", "--seed", 3, "--steps", 1, "--strength", 2)
    (tmp_path / "run.json").write_text(json.dumps(first["settings"], indent=2))
    (other,) = edit("rain.ogg", "--settings", "run.json", "--strength", 1, "--learning-rate", 0.5)
    assert other["settings"]["sounds"] == ["rain.ogg"] and other["seed"] == 3
    assert other["settings"]["strength"] == 1 and other["steps"] == 1
    assert other["settings"]["config"]["learning_rate"] == 0.5
    paper = json.dumps({"bundle": "paper", "config": {"num_steps": 1}})
    (tmp_path / "paper.json").write_text(paper)
    (answer,) = edit("fire.wav", "--settings", "paper.json")
    assert answer["settings"]["config"]["learning_rate"] == 0.1 and answer["steps"] == 1
    text_only = json.dumps({"text": "rain", "config": {"num_steps": 1, "patience": 1}})
    (tmp_path / "text.json").write_text(text_only)
    (answer,) = edit("--settings", "text.json", "--seed", 7)
    assert answer["seed"] == 7 and answer["settings"]["config"]["patience"] == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "settings.json does not exist"),
        ("{", "settings.json is not JSON"),
        ("[" * 100_000, "settings.json is not JSON"),
        ("[1]", "settings.json holds no JSON object"),
        ({"settings": [1]}, "settings.json: settings is no JSON object"),
        ({"strenght": 2}, "'strenght' is no setting of EditSettings; the nearest is strength"),
        ({"config": {"num_step": 2}}, "'num_step' is no setting of .*; the nearest is num_steps"),
        ({"config": [1]}, r"settings.json: config is \[1\]; it must be"),
        ({"sounds": "rain.wav"}, "sounds is 'rain.wav'; it must be a list of names of files"),
        ({"sounds": [3]}, r"sounds is \[3\]; it must be a list of names of files"),
        ({"seeds": [1.5]}, r"seeds is \[1.5\]; it must be a list of numbers"),
        ({"seeds": [-1]}, r"seeds name \[-1\]; they lie between"),
        ({"bundle": ["mini"]}, r"bundle is \['mini'\]; it must be a word"),
        ({"mix": True}, "mix is True; it must be a finite number or None"),
        ({"config": {"layers": "4-8"}}, "layers is '4-8'; it names rows of the latent"),
        ({"config": {"autocast": 1}}, "autocast is 1; it must be True or False"),
        ({"config": {"learning_rate": 20}}, "learning_rate is 20; it must lie between 0 and 10"),
        ({"strength": 11}, "strength is 11; it must lie between -10 and 10"),
        ({"strength": float("nan")}, "strength is nan; it must be a finite number"),
    ],
)
def test_settings_that_cannot_be_used_are_told_in_one_sentence(
    capsys, sounds, tmp_path, monkeypatch, content, words
):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / "settings.json").write_text(text)
    arguments = ("edit", sounds / "fire.wav", "--settings", "settings.json")
    code, lines, (complaint,) = run(capsys, *arguments)
    assert code == 2 and lines == []
    assert re.search(words, complaint), complaint


def test_a_gif_shows_the_way_every_so_many_steps_and_the_end(edit):
    for every, frames in ((2, 4), (100, 2)):
        arguments = ("--steps", 5, "--gif", "way.gif", "--every", every)
        (answer,) = edit("fire.wav", "--learning-rate", 1, *arguments)
        assert answer["gif"] == "way.gif"
        with Image.open("way.gif") as animation:
            assert animation.n_frames == frames
            assert animation.info["duration"] == 100
            animation.seek(frames - 1)
            last = np.asarray(animation.convert("RGB"), dtype=float)
            assert animation.info["duration"] == 1000
    assert last.shape == pixels("edit.png").shape
    assert np.abs(last - pixels("edit.png")).mean() < 10


def test_edits_are_kept_as_latents_and_edited_again(edit, loaded, tmp_path):
    arguments = ("--steps", 1, "--learning-rate", 0.5)
    edit("fire.wav", "--seed", 3, 5, *arguments, "--save-latents", "edits.npz")
    with np.load("edits.npz") as arrays:
        kept = arrays["w"]
    generator = loaded.bundle.generator
    assert kept.shape == (2, generator.num_ws, generator.w_dim) and kept.dtype == np.float32
    drawn = pixels("edit.png")
    again = edit("rain.ogg", "--latents", "edits.npz", *arguments)
    assert [(one["row"], one["seed"], one["latents"]) for one in again] == [
        (0, None, "edits.npz"), (1, None, "edits.npz"),
    ]  # fmt: skip
    side = (pixels("edit.png").shape[0] - 38) // 2
    assert np.array_equal(
        drawn[-side:, -side:], pixels("edit.png")[-side:, -2 * side - 6 : -side - 6]
    )
    (tmp_path / "run.json").write_text(json.dumps(again[0]))
    edit("--settings", "run.json", "--out", "again.png")
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "edit.png").read_bytes()


def test_latents_of_another_tool_are_edited(edit, loaded):
    generator = loaded.bundle.generator
    np.save("w.npy", np.ones(generator.w_dim))
    (answer,) = edit("fire.wav", "--latents", "w.npy", "--steps", 1)
    assert answer["latents"] == "w.npy" and answer["settings"]["seeds"] == []


def test_strength_goes_along_the_line_from_the_source(edit, loaded, mini):
    loaded.bundle = mini
    after = {}
    for strength in (0, 1, 2):
        (answer,) = edit("rain.ogg", "--steps", 10, "--strength", strength)
        after[strength] = answer["scene"]["after"]["rain"]
    assert after[0] == answer["scene"]["before"]["rain"] < after[1] < after[2]


def test_latents_of_another_generator_are_told_in_one_sentence(
    capsys, sounds, loaded, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    np.save("w.npy", np.zeros((1, 18, 512)))
    arguments = ("edit", sounds / "fire.wav", "--latents", "w.npy")
    code, lines, (complaint,) = run(capsys, *arguments)
    assert code == 2 and lines == []
    assert "w.npy has shape (1, 18, 512); this generator takes (batch, 10, 12)" in complaint


def test_layers_that_are_not_named_stay(edit, loaded, mini):
    loaded.bundle = mini
    names = list(sgim.world.scenes.LAYERS)
    row = next(i for i, name in enumerate(names) if "fog" in sgim.world.scenes.LAYERS[name])
    (answer,) = edit("--text", "thick fog", "--layers", row, "--steps", 3)
    before, after = answer["scene"]["before"], answer["scene"]["after"]
    moving = {name for name in before if before[name] != after[name]}
    assert "fog" in moving and moving <= set(sgim.world.scenes.LAYERS[names[row]])


def test_a_bundle_brings_the_settings_of_the_paper(edit, loaded):
    arguments = ("--bundle", "paper-ffhq", "--device", "cpu", "--identity-weight", 0)
    (answer,) = edit("fire.wav", *arguments, "--steps", 1)
    assert loaded == [("paper-ffhq", "cpu")]
    config = answer["settings"]["config"]
    assert (config["learning_rate"], config["similarity_weight"]) == (0.1, 0.008)
    assert config["num_steps"] == 1 and config["identity_weight"] == 0


def test_a_stylegan2_of_random_weights_is_edited_from_its_file(edit, loaded, mini, tmp_path):
    loaded.bundle = mini
    path = write("pt", tmp_path)
    arguments = ("--generator", path, "--layers", "2-4", "--steps", 3, "--learning-rate", 0.5)
    answers = edit("fire.wav", "--seed", 1, 2, "--gif", "way.gif", *arguments)
    for answer in answers:
        assert answer["scene"] is None
        assert answer["distance"]["before"] != answer["distance"]["after"]
    assert answers[0]["settings"]["generator"] == str(path)
    assert pixels("edit.png").shape[0] > 512


@pytest.fixture
def by_class(capsys, loaded, tmp_path):
    """A StyleGAN3 of random weights that paints cats, dogs and the wild."""
    source = write_stylegan3_pkl(tmp_path / "g.pkl", small_stylegan3(num_classes=3))
    path = tmp_path / "g.safetensors"
    code, (line,), _ = run(capsys, "convert", source, path, "--class-names", "cat, dog, wild")
    assert code == 0 and line.startswith(f"{path}: 32 px, ") and line.endswith("3 classes")
    return path


def test_a_stylegan3_with_classes_is_edited_from_its_file(edit, loaded, mini, by_class, tmp_path):
    loaded.bundle = mini
    for name, out in (("dog", "dog.png"), ("1", "one.png"), ("cat", "cat.png")):
        arguments = ("--generator", by_class, "--class", name, "--steps", 1, "--out", out)
        (answer,) = edit("fire.wav", *arguments)
    assert answer["settings"]["class_name"] == "cat" and answer["scene"] is None
    assert np.array_equal(pixels("dog.png"), pixels("one.png"))
    assert not np.array_equal(pixels("dog.png"), pixels("cat.png"))
    (tmp_path / "run.json").write_text(json.dumps(answer))
    edit("--settings", "run.json", "--out", "again.png")
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "cat.png").read_bytes()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "this generator paints by class: pass c, 0 to 2 or cat, dog, wild"),
        (("--class", "bird"), "c is 'bird'; the classes of this generator are 0 to 2 or cat"),
        (("--class", "3"), "c is 3; the classes"),
    ],
)
def test_classes_that_there_are_not_are_told_in_one_sentence(
    capsys, sounds, by_class, tmp_path, options, words
):
    arguments = ("--generator", by_class, "--out", tmp_path / "edit.png", *options)
    code, lines, (complaint,) = run(capsys, "edit", sounds / "fire.wav", *arguments)
    assert code == 2 and lines == [] and words in complaint


def test_an_edit_without_a_scene_tells_the_distance_in_words(capsys, sounds, loaded, tmp_path):
    path = write("pt", tmp_path)
    out = tmp_path / "edit.png"
    arguments = ("--generator", path, "--steps", 1, "--out", out)
    _, (line,), _ = run(capsys, "edit", sounds / "fire.wav", *arguments)
    assert line.startswith(f"{out}: distance to the target ") and "->" in line


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--mix", "0.3"), "--mix is the weight of a text and there is none"),
        (("--mix", "1.5", "--text", "rain"), "mix is 1.5; it must lie between 0 and 1"),
        (("--strength", "20"), "strength is 20.0; it must lie between -10 and 10"),
        (("--learning-rate", "-1"), "learning_rate is -1.0"),
        (("--identity-weight", "0.1"), "the bundle has no recognition network"),
        (("--layers", "2-70"), "layers name row 70"),
        (("--gif", "way.png"), "way.png must end in .gif"),
        (("--gif", "none/way.gif"), "none does not exist"),
        (("--every", "0", "--gif", "way.gif"), "--every is 0"),
        (("--every", "3"), "--every counts steps between the pictures of --gif and there is none"),
        (("--save-latents", "w.pt"), "w.pt must end in .npz"),
        (("--latents", "none.npz"), "none.npz is missing"),
        (("--latents", "w.npz", "--seed", "1"), "--seed and --latents both choose"),
        (("--generator", "none.pt"), "none.pt is missing"),
        (("--class", "dog"), "c is 'dog', and this generator has no classes"),
    ],
)
def test_options_that_do_not_fit_are_told_in_one_sentence(
    capsys, sounds, loaded, tmp_path, monkeypatch, options, words
):
    monkeypatch.chdir(tmp_path)
    code, lines, (complaint,) = run(capsys, "edit", sounds / "fire.wav", *options)
    assert code == 2 and lines == [] and words in complaint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "there is no sound and no text"),
        (["--text", "rain", "--each"], "--each compares sounds and there is none"),
    ],
)
def test_an_edit_follows_something(capsys, arguments, words):
    code, _, (complaint,) = run(capsys, "edit", *arguments)
    assert code == 2 and words in complaint


@pytest.mark.parametrize("layers", ["x", "4-", "8-4", "-1", "1,,2", "0-1000"])
def test_layers_are_numbers_and_ranges(capsys, layers):
    with pytest.raises(SystemExit) as stop:
        cli.main(["edit", "a.wav", f"--layers={layers}"])
    (complaint,) = capsys.readouterr().err.splitlines()
    assert stop.value.code == 2 and f"{layers!r} are no layers" in complaint
