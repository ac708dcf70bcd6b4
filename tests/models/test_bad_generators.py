"""Files that are no generator: hostile, cut short, damaged, or of another network."""

import argparse
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from generator_files import (
    KINDS,
    Module,
    as_modules,
    nvidia_tensors,
    pickled,
    rosinality_tensors,
    small_generator,
    write,
    write_pkl,
)

import sgim
from sgim.checks import SgimError
from sgim.models.generators import load_generator


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    """Whatever gets executed leaves its mark here."""
    monkeypatch.chdir(tmp_path)


class Attack:
    """Executes a command when an ordinary unpickler reads it."""

    def __reduce__(self):
        return os.system, ("touch executed",)


class Evaluated(Attack):
    def __reduce__(self):
        return eval, ("open('executed', 'w')",)


class Loaded(Attack):
    """Hides in bytes that an official pickle would hand to torch.load."""

    def __reduce__(self):
        return torch.storage._load_from_bytes, (pickle.dumps(Attack()),)


@pytest.mark.parametrize("attack", [Attack, Evaluated, Loaded])
@pytest.mark.parametrize("kind", ["pkl", "in a network", "pt", "old pt"])
def test_a_hostile_file_is_refused_and_executes_nothing(attack, kind, tmp_path):
    path = tmp_path / "hostile"
    tensors = nvidia_tensors(small_generator())
    if kind == "pkl":
        write_pkl(path, tensors, augment_pipe=attack())
    elif kind == "in a network":
        network = as_modules(tensors)
        network.attributes["activation"] = attack()
        path.write_bytes(pickled({"G_ema": network}))
    else:
        content = {"g_ema": {}, "args": attack()}
        torch.save(content, path, _use_new_zipfile_serialization=kind == "pt")
    with pytest.raises(SgimError, match="which no weight file needs, and nothing was executed"):
        load_generator(path, "cpu")
    assert not Path("executed").exists()


def test_a_command_in_the_oldest_pickle_protocol_is_not_executed(tmp_path):
    (tmp_path / "hostile.pkl").write_bytes(b"cos\nsystem\n(S'touch executed'\ntR.")
    with pytest.raises(SgimError, match="as no weight file does"):
        load_generator(tmp_path / "hostile.pkl", "cpu")
    assert not Path("executed").exists()


def test_a_tensor_that_claims_more_than_it_holds_is_refused(tmp_path):
    huge = torch.zeros(1).expand(10**6, 10**6)
    torch.save({"g_ema": {"style.1.weight": huge}}, tmp_path / "g.pt")
    with pytest.raises(SgimError, match="larger than its storage"):
        load_generator(tmp_path / "g.pt", "cpu")


def test_modules_that_hold_each_other_are_refused(tmp_path):
    network, inner = Module(), Module()
    network.modules["one"] = network.modules["two"] = inner
    (tmp_path / "g.pkl").write_bytes(pickled({"G_ema": network}))
    with pytest.raises(SgimError, match="not one of StyleGAN's"):
        load_generator(tmp_path / "g.pkl", "cpu")


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_anywhere_gets_one_sentence(kind, tmp_path):
    path = write(kind, tmp_path)
    whole = path.read_bytes()
    for length in (0, 1, 9, 100, *(len(whole) * i // 10 for i in range(1, 10)), len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(SgimError, match=path.name) as error:
            load_generator(path, "cpu")
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_bytes_give_one_sentence_or_load(kind, tmp_path):
    path = write(kind, tmp_path)
    whole = path.read_bytes()
    random = np.random.default_rng(0)
    for _ in range(60):
        damaged = bytearray(whole)
        for place in random.integers(0, min(len(whole), 20_000), 3):
            damaged[place] = random.integers(256)
        path.write_bytes(damaged)
        try:
            load_generator(path, "cpu")
        except SgimError as error:
            assert path.name in str(error)
    assert not Path("executed").exists()


@pytest.mark.parametrize(
    "head", [b"<!DOCTYPE html><html>", b"version https://git-lfs.github.com/spec/v1\n", b""]
)
def test_a_page_instead_of_weights_gets_one_sentence(head, tmp_path):
    (tmp_path / "g.pt").write_bytes(head)
    with pytest.raises(SgimError, match="g.pt begins with .* download it again"):
        load_generator(tmp_path / "g.pt", "cpu")


def test_a_missing_file_gets_one_sentence(tmp_path):
    for path in (tmp_path / "nowhere.pt", tmp_path):
        with pytest.raises(SgimError, match="is missing; weights are a .pt, .pkl or .safetensors"):
            load_generator(path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda t: t.pop("style.1.bias"), "style.1.bias is missing"),
        (lambda t: t.pop("to_rgb1.bias"), "to_rgb1.bias is missing"),
        (lambda t: t.update({"style.1.weight": torch.zeros(0)}), "must be .outputs, inputs"),
        (lambda t: t.update({"conv1.activate.bias": torch.zeros(3)}), r"has shape \(3,\)"),
        (lambda t: t.update({"input.input": torch.zeros(1, 6, 8, 8)}), r"\(6, 8, 8\)"),
        (lambda t: t.update({"extra.weight": torch.zeros(3)}), "extra.weight have no place"),
        (lambda t: t.update({"convs.0.conv.blur.kernel": torch.ones(4, 4)}), "low-pass filter"),
        (lambda t: t.update({"conv1.noise.weight": "0.1"}), "is a str; it must be a tensor"),
    ],
)
def test_a_network_of_another_kind_gets_one_sentence(change, sentence, tmp_path):
    tensors = dict(rosinality_tensors(small_generator()))
    change(tensors)
    torch.save({"g_ema": tensors}, tmp_path / "g.pt")
    with pytest.raises(SgimError, match=f"g.pt is not .*{sentence}"):
        load_generator(tmp_path / "g.pt", "cpu")


@pytest.mark.parametrize(
    "content",
    [
        {"state_dict": {}},
        {"g_ema": 3},
        {"G_ema": {}},
        {"G_ema": argparse.Namespace()},
        {"G_ema": np.float64(1)},
        {"g_ema": {0: torch.zeros(2)}},
        [1, 2],
        ("tensors", {"network": "stylegan2", "clamp": None}),
    ],
)
def test_a_checkpoint_of_something_else_gets_one_sentence(content, tmp_path):
    torch.save(content, tmp_path / "g.pt")
    with pytest.raises(SgimError, match="g.pt is not a"):
        load_generator(tmp_path / "g.pt", "cpu")


def test_a_clamp_that_is_no_number_gets_one_sentence(tmp_path):
    path = write_pkl(tmp_path / "g.pkl", nvidia_tensors(small_generator()), conv_clamp="high")
    with pytest.raises(SgimError, match="clamp is 'high'"):
        load_generator(path, "cpu")


def test_safetensors_of_another_network_get_one_sentence():
    weights = Path(sgim.__file__).parent / "weights" / "mini_judge.safetensors"
    with pytest.raises(SgimError, match="it holds another network"):
        load_generator(weights, "cpu")
