"""The real nbgrader grades solved copies, stubs and mistakes, where it is installed."""

import importlib.util
import os
import subprocess
import sys

import pytest
from places import ROOT

missing = importlib.util.find_spec("nbgrader") is None


@pytest.mark.skipif(missing, reason='nbgrader is not installed; pip install -e ".[course]"')
def test_nbgrader_gives_full_points_none_and_some_with_advice(tmp_path):
    script = ROOT / "tests" / "exercises" / "grade_with_nbgrader.py"
    command = [sys.executable, str(script), str(tmp_path), "--mistakes", "1"]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [*command, "--assignments", str(ROOT / "assignments")],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Full points, none, and between with advice" in done.stdout
