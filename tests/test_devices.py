"""Threads follow the size of the work, and never go against the user."""

import math

import pytest
import torch

from sgim import devices
from sgim.devices import calm_threads, threads_for


@pytest.fixture(autouse=True)
def machine_of_three_cores(monkeypatch):
    before = torch.get_num_threads()
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(devices, "_AT_START", 3)
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
