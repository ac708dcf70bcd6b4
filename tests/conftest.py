"""What several test files share."""

import pytest
from command_fixtures import loaded, mini, sounds
from moody_server import running_server

import sgim
from sgim.devices import calm_threads

__all__ = ["bundle", "loaded", "mini", "server", "sounds"]

calm_threads()


@pytest.fixture(scope="session")
def bundle():
    """The shipped mini bundle."""
    return sgim.load_bundle("mini", device="cpu")


@pytest.fixture
def server():
    """A web server with moods."""
    with running_server() as server:
        yield server
