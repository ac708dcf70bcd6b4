"""The set-up of the lessons: one cell, wherever the kernel was started and whatever is missing."""

import copy
import json
import re
from base64 import b64decode
from io import BytesIO

import nbformat
import pytest
from link_lessons import ADDRESS, put_links
from nbclient import NotebookClient
from PIL import Image
from places import ROOT

from sgim.checks import SgimError
from sgim.notebook import find_data, own_recordings, read_data, use_style

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def first_code_cell(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return next(cell for cell in cells if cell["cell_type"] == "code")


SETUP = "".join(first_code_cell(NOTEBOOKS[0])["source"])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_lesson_begins_with_the_same_short_cell_that_says_nothing(path):
    cell = first_code_cell(path)
    assert "".join(cell["source"]) == SETUP
    assert len(SETUP.splitlines()) <= 8
    assert cell["outputs"] == []


def outputs_of(folder, *sources):
    """Outputs of each cell, run in a kernel that was started in `folder`."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(
        notebook, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    return [cell.outputs for cell in notebook.cells]


def shown_picture(outputs):
    """Kind, alternative text and picture of a cell's only output."""
    data = outputs[0].data
    assert not any(kind.startswith("image/") for kind in data), "shown without alternative text"
    alt, kind, file = re.fullmatch(
        r'<img alt="(.*)" src="data:image/(\w+);base64,([^"]+)">', data["text/html"]
    ).groups()
    return kind, alt, Image.open(BytesIO(b64decode(file)))


def test_the_cell_works_twice_in_a_kernel_of_another_folder(tmp_path):
    curve = "import matplotlib.pyplot as plt\nplt.plot([0, 1])\nplt.show()"
    pictures = (
        "import torch\nfrom sgim.notebook import show_images\n"
        "show_images(torch.ones(2, 3, 64, 64), ['rain', '“fire” & fog'])"
    )
    player = (
        "import numpy\nfrom IPython.display import Audio\nfrom sgim.notebook import in_words\n"
        "in_words(Audio(numpy.eye(40).ravel(), rate=16000), 'a short click of a clock')"
    )
    bar = """
from types import SimpleNamespace
from sgim.notebook import progress, show_steps
show = show_steps("steps")
for index in progress(range(2), "things"):
    show(SimpleNamespace(index=index, num_steps=2))
"""
    cells = outputs_of(tmp_path, SETUP, SETUP, curve, pictures, player, bar)
    first, second, curve, pictures, player, bar = cells
    assert first == second == []
    kind, alt, picture = shown_picture(curve)
    assert (kind, picture.convert("RGBA").getpixel((0, 0))[3]) == ("png", 0)
    assert alt == "The curve rises from 0 at 0 to 1 at 1."
    kind, alt, picture = shown_picture(pictures)
    assert (kind, picture.convert("RGBA").getpixel((0, 0))[3]) == ("webp", 0)
    assert alt == "2 pictures, in reading order: rain (white); “fire” &amp; fog (white)."
    assert 'title="a short click of a clock, 0.1 s"' in player[0].data["text/html"]
    assert [line.data["text/html"] for line in bar] == ["", ""], "a bar stays"


@pytest.mark.parametrize("quality", ["high", 0, 101, True, 62.5])
def test_a_quality_that_no_picture_can_have_is_refused_at_once(quality):
    with pytest.raises(SgimError, match=f"picture_quality is {quality!r}; it must be a whole"):
        use_style(quality)


MISSING = """
import importlib.metadata, os
shell, asked = get_ipython(), []
shell.register_magic_function(asked.append, magic_name="pip")
shell.register_magic_function(lambda line: None, magic_name="reload_ext")
importlib.metadata.distributions = lambda **name: iter(())

def try_setup(folder, source=""):
    os.chdir(folder)
    os.environ["SGIM_SOURCE"] = source
    asked.clear()
    error = shell.run_cell(SETUP).error_in_exec
    words = asked[0].split('"') if asked else ["", ""]
    return words[1] if "://" in words[1] else os.path.realpath(words[1]), str(error)
"""


def test_where_sgim_is_missing_pip_gets_the_clone_or_the_source_and_never_a_bare_name(tmp_path):
    clone, nowhere = tmp_path / "sgim", tmp_path / "a" / "b" / "c"
    for folder in (clone / "sgim" / "world", clone / "notebooks", nowhere):
        folder.mkdir(parents=True)
    address = "git+https://example.org/sgim"
    tries = [
        (clone / "notebooks",),
        (clone,),
        (tmp_path,),
        (nowhere, address),
        (nowhere, str(clone)),
    ]
    tries += [(nowhere,), (nowhere, "sgim")]
    asked = [f"try_setup({', '.join(repr(str(word)) for word in words)})" for words in tries]
    script = f"SETUP = {SETUP!r}\n{MISSING}\nanswers = [{', '.join(asked)}]"
    *_, shown = outputs_of(tmp_path, script, "import json; print(json.dumps(answers))")
    *found, nothing, bare_name = json.loads(shown[0].text)
    at_clone = [str(clone.resolve()), "None"]
    assert found == [at_clone, at_clone, at_clone, [address, "None"], at_clone]
    sentence = "sgim is missing: clone or upload its repository, or set SGIM_SOURCE."
    assert nothing[1] == bare_name[1] == sentence


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_badge_and_set_up_come_from_one_address_and_go_with_it(path):
    stored = nbformat.read(path, as_version=4)
    lesson = copy.deepcopy(stored)
    for _ in range(2):
        put_links(lesson, path, "https://github.com/someone/sgim")
    opens = "https://colab.research.google.com/github/someone/sgim/blob/main/notebooks/"
    assert re.findall(r"\]\((https://colab[^()\s]*\.ipynb)\)", lesson.cells[0].source) == [
        opens + path.name
    ]
    set_up = next(cell for cell in lesson.cells if cell.cell_type == "code")
    assert 'else "git+https://github.com/someone/sgim")' in set_up.source
    put_links(lesson, path, "")
    assert lesson == stored or ADDRESS


COLAB = """
import sys, types
from importlib.machinery import ModuleSpec
colab, output = types.ModuleType("google.colab"), types.ModuleType("google.colab.output")
for module in (colab, output):
    module.__spec__ = ModuleSpec(module.__name__, None)
asked = []
output.enable_custom_widget_manager = lambda: asked.append("widgets")
output._widgets = types.SimpleNamespace(_installed_url="address")
colab.output = output
sys.modules |= {"google.colab": colab, "google.colab.output": output}
"""


def test_in_colab_a_lesson_alone_in_a_folder_sets_itself_up_twice_and_panels_get_their_manager(
    tmp_path,
):
    panel = "from sgim.notebook.wipe import Wipe\nWipe()\nprint(asked[:1])"
    colab, first, second, shown = outputs_of(tmp_path, COLAB, SETUP, SETUP, panel)
    assert colab == first == second == []
    assert shown[0].text == "['widgets']\n"
    assert list(tmp_path.iterdir()) == []


def test_data_is_found_from_any_folder_and_by_sgim_data(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert read_data("ablation.json")["runs"]
    assert read_data("published_results.csv")[0]["model"] == "chance"
    (tmp_path / "esc10").mkdir()
    assert find_data("no_such_set") is None
    sentence = capsys.readouterr().out
    assert sentence.startswith("data/no_such_set is not there") and "SGIM_DATA" in sentence
    monkeypatch.setenv("SGIM_DATA", str(tmp_path))
    assert find_data("esc10") == tmp_path / "esc10"


def test_recordings_of_ones_own_come_from_one_folder_or_one_sentence_tells_how(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.delenv("SGIM_RECORDINGS", raising=False)
    assert own_recordings() == {} and "%env SGIM_RECORDINGS=FOLDER" in capsys.readouterr().out
    (tmp_path / "deep").mkdir()
    files = [tmp_path / "deep" / "Sea.WAV", tmp_path / "rain.ogg"]
    for file in (*files, tmp_path / "notes.txt"):
        file.touch()
    monkeypatch.setenv("SGIM_RECORDINGS", str(tmp_path))
    assert own_recordings() == {"Sea": files[0], "rain": files[1]}
    assert capsys.readouterr().out == ""
