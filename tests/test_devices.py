"""Devices that are there, ordinary arithmetic, and threads that follow the size of the work."""

import math
from types import SimpleNamespace

import pytest
import torch

from sgim import devices
from sgim.checks import SgimError
from sgim.devices import calm_threads, ordinary_torch, pick_device, threads_for


@pytest.fixture(autouse=True)
def machine_of_three_cores(monkeypatch):
    before = torch.get_num_threads()
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(devices, "_AT_START", 3)
    devices._ours.set(3)
    torch.set_num_threads(3)
    yield
    devices._ours.set(before)
    torch.set_num_threads(before)


def threads(num_pixels):
    with threads_for(num_pixels):
        return torch.get_num_threads()


def test_small_pictures_take_one_thread_and_training_all():
    assert [threads(size) for size in (128**2, 16 * 128**2, math.inf)] == [1, 3, 3]
    assert torch.get_num_threads() == 3


def test_a_calm_process_still_trains_on_all_threads():
    calm_threads()
    assert [torch.get_num_threads(), threads(math.inf), threads(1)] == [1, 3, 1]
    assert torch.get_num_threads() == 1


def test_large_work_inside_small_work_takes_all_threads_and_gives_them_back():
    with threads_for(1):
        assert threads(math.inf) == 3
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 3


def test_threads_are_given_back_after_an_error():
    with pytest.raises(RuntimeError), threads_for(1):
        raise RuntimeError
    assert torch.get_num_threads() == 3


def test_the_users_number_stays():
    torch.set_num_threads(2)
    calm_threads()
    assert [threads(1), threads(math.inf), torch.get_num_threads()] == [2, 2, 2]


def test_the_users_environment_stays(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    calm_threads()
    assert [threads(1), threads(math.inf)] == [3, 3]


@pytest.mark.parametrize(
    "device", ["hpu", "meta", "xla", "fpga", "gpu", "", "cpu:x", 1.5, ["cpu"], "privateuseone"]
)
def test_a_device_that_is_not_there_gets_one_sentence(device):
    with pytest.raises(
        SgimError, match="is not usable here .*; use 'cpu' or leave it out"
    ) as error:
        pick_device(device)
    assert "\n" not in str(error.value)


def test_a_device_that_is_there_is_taken_by_name_or_as_it_is():
    for device in ("cpu", torch.device("cpu")):
        assert pick_device(device) == torch.device("cpu")


def test_accelerate_is_asked_where_it_launched_the_process(monkeypatch):
    monkeypatch.setattr(devices, "this_process", lambda: SimpleNamespace(device="its own"))
    monkeypatch.setenv("LOCAL_RANK", "0")
    assert pick_device() == "its own"
    monkeypatch.delenv("LOCAL_RANK")
    assert pick_device() != "its own"


def test_ordinary_torch_holds_inside_and_leaves_all_as_it_was():
    torch.set_default_dtype(torch.float64)
    try:
        with torch.inference_mode(), torch.autocast("cpu"):
            with ordinary_torch():
                weight = torch.ones(2, 2, requires_grad=True)
                assert (weight @ weight).dtype == torch.float32
                (weight @ weight).sum().backward()
                assert torch.equal(weight.grad, torch.full((2, 2), 4.0))
            assert torch.is_inference_mode_enabled() and torch.is_autocast_enabled("cpu")
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
