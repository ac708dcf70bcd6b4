"""Published data sets: licence, source and size are told, and what fetching one needs."""

from types import SimpleNamespace

import pytest

from sgim.checks import SgimError
from sgim.files import datasets
from sgim.files.datasets import DATA_SETS, fetch


def test_without_a_network_the_address_the_place_and_the_size_are_told(tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "127.0.0.1:9")
    with pytest.raises(SgimError) as error:
        fetch("vggsound", tmp_path, progress=False)
    for part in ("vggsound/vggsound.csv", "https://www.robots.ox.ac.uk", "8.0 MB"):
        assert part in str(error.value)


def test_a_disk_that_is_too_full_is_told_before_the_download(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=10**9))
    with pytest.raises(SgimError, match="urbansound8k with its archive needs 12 GB"):
        fetch("urbansound8k", tmp_path)


def test_an_unknown_data_set_is_refused():
    with pytest.raises(SgimError, match="data set is 'esc51'; it must be one of esc50"):
        datasets.data_set("esc51")


def test_every_data_set_tells_its_licence_source_and_size():
    for known in DATA_SETS.values():
        assert known.remote.license and known.remote.citation and known.remote.num_bytes > 1e6
        assert all(url.startswith("https://") for url in known.remote.urls)
