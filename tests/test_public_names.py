"""Public names come when they are first used, and Python alone is enough for `import sgim`."""

import subprocess
import sys

import pytest
from places import ROOT

import sgim
import sgim.world
from sgim.bundle import load_bundle


@pytest.mark.parametrize("package", [sgim, sgim.world], ids=["sgim", "sgim.world"])
def test_every_public_name_is_there(package):
    assert dir(package) == sorted(package.__all__)
    for name in package.__all__:
        assert getattr(package, name) is not None
    assert sgim.load_bundle is load_bundle


def test_a_name_that_is_not_public_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'sgim' has no attribute 'load_bundel'"):
        _ = sgim.load_bundel


def test_python_alone_imports_the_package():
    command = [sys.executable, "-S", "-c", "import sgim; print(sgim.SgimError.__name__)"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("SgimError\n", "")
