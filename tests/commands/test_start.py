"""What `edit` and `classify` import on their way: an edit takes less time than most libraries."""

import subprocess
import sys

HEAVY = (
    "IPython",
    "accelerate",
    "av",
    "ipywidgets",
    "librosa",
    "matplotlib",
    "open_clip",
    "pandas",
    "pooch",
    "requests",
    "scipy.ndimage",
    "scipy.optimize",
    "scipy.signal",
    "scipy.special",
    "sklearn",
    "timm",
    "torch._dynamo",
    "torchaudio",
    "torchvision",
)
"""Libraries that a plain edit has no need of, some of which take a second to import."""

RUN_BOTH = """
import sys
from sgim.commands import cli

sound, picture, *heavy = sys.argv[1:]
assert cli.main(["classify", sound]) == 0
assert cli.main(["edit", sound, "--steps", "1", "--out", picture]) == 0
print("imported:", *(name for name in heavy if name in sys.modules))
"""


def test_a_plain_edit_and_a_plain_answer_import_no_heavy_library(sounds, tmp_path):
    told = subprocess.run(
        [sys.executable, "-c", RUN_BOTH, sounds / "fire.wav", tmp_path / "fire.png", *HEAVY],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.splitlines()[-1] == "imported:"


def test_sgim_itself_imports_no_torch():
    code = "import sys, sgim; print('torch' in sys.modules, 'numpy' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False"]
