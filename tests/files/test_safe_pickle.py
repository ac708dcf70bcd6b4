"""Pickled weights: what is read, what is refused, and that nothing costs more than its size."""

import collections
import gzip
import io
import pickle
import struct
import sys
import tarfile
import tracemalloc
import types
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from sgim.checks import SgimError
from sgim.files.pickle_machine import Inert
from sgim.files.safe_pickle import read_pickle
from sgim.files.state_dicts import read_tensors, without_wrappers

TENSORS = {
    "float": torch.arange(6.0).view(2, 3),
    "half": torch.arange(4).half(),
    "bfloat16": torch.arange(4).bfloat16(),
    "double": torch.arange(3).double(),
    "complex": torch.tensor([1 + 2j]),
    "bool": torch.tensor([True, False]),
    "uint16": torch.tensor([1, 65_535], dtype=torch.uint16),
    "scalar": torch.tensor(3),
    "turned": torch.arange(6.0).view(2, 3).T,
    "parameter": torch.nn.Parameter(torch.arange(2.0)),
    "empty": torch.zeros(0, 3),
}
BESIDES = {
    "size": torch.Size([3, 4]),
    "device": torch.device("cpu"),
    "dtype": torch.float16,
    "layout": torch.strided,
    "counter": collections.Counter("aab"),
    "ordered": collections.OrderedDict(a=1),
    "default": collections.defaultdict(list, a=[1]),
    "set": {1, "two"},
    "bytes": bytearray(b"abc"),
    "complex": 1j,
    "sparse": torch.eye(3).to_sparse(),
}
COUNTED = torch.nn.Parameter(torch.arange(2.0))
COUNTED.note = "kept beside"


@pytest.mark.parametrize("zipped", [True, False])
def test_what_torch_reads_with_weights_only_is_read(zipped, tmp_path):
    content = {**TENSORS, "noted": COUNTED, "besides": BESIDES}
    torch.save(content, tmp_path / "w.pt", _use_new_zipfile_serialization=zipped)
    found = read_pickle(tmp_path / "w.pt")
    for name, tensor in TENSORS.items():
        assert torch.equal(found[name], tensor) and found[name].dtype == tensor.dtype, name
    assert torch.equal(found["noted"], COUNTED)
    besides = found["besides"]
    assert besides["size"] == (3, 4) and besides["dtype"] is torch.float16
    assert besides["counter"] == {"a": 2, "b": 1} and besides["ordered"] == {"a": 1}
    assert besides["set"] == {1, "two"} and besides["bytes"] == b"abc"


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_numbers_of_numpy_are_numbers_and_its_arrays_lie_unread(protocol, tmp_path):
    numbers = [np.float64(0.1), np.float32(0.5), np.int64(-3), np.bool_(True), np.array(2.5)[()]]
    content = {"numbers": numbers, "array": np.arange(4.0), "bytes": b"\xff", "text": "ä"}
    (tmp_path / "w.pkl").write_bytes(pickle.dumps(content, protocol=protocol))
    found = read_pickle(tmp_path / "w.pkl")
    assert found["numbers"] == [0.1, 0.5, -3, True, 2.5]
    assert isinstance(found["array"], Inert)
    assert found["bytes"] == b"\xff" and found["text"] == "ä"


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod.", ""])
@pytest.mark.parametrize("suffix", ["pt", "safetensors"])
def test_names_lose_what_training_put_around_the_network(prefix, suffix, tmp_path):
    tensors = {f"{prefix}{name}": torch.ones(2) for name in ("a.weight", "b")}
    path = tmp_path / f"w.{suffix}"
    if suffix == "pt":
        torch.save({"epoch": 3, "state_dict": tensors}, path)
    else:
        save_file(tensors, path)
    assert set(read_tensors(path)) == {"a.weight", "b"}


def test_a_part_of_the_network_that_is_called_module_keeps_its_name():
    names = {"module.weight": 1, "other.weight": 2}
    assert without_wrappers(names) == names


def refusal_of(path):
    with pytest.raises(SgimError) as error:
        read_pickle(path)
    assert "\n" not in str(error.value) and str(path) in str(error.value)
    return str(error.value)


NEST = b")" + b"2\x86" * 40


@pytest.mark.parametrize(
    "program",
    [
        b"}" + NEST + b"K\x01s.",
        b"}(" + NEST + b"K\x01u.",
        b"(" + NEST + b"K\x01d.",
        b"\x8f(" + NEST + b"\x90.",
        b"ccollections\nOrderedDict\n]" + NEST + b"K\x01\x86a\x85R.",
        b"c__builtin__\nset\n]" + NEST + b"a\x85R.",
    ],
    ids=["item", "items", "dict", "set", "ordered", "call"],
)
def test_a_key_that_takes_for_ever_to_hash_is_refused_at_once(program, tmp_path):
    (tmp_path / "w.pkl").write_bytes(b"\x80\x04" + program)
    assert "asks for a key that is a tuple" in refusal_of(tmp_path / "w.pkl")


def text(letters):
    return b"X" + struct.pack("<I", len(letters)) + letters


def stream_of_zeros(count):
    buffer = io.BytesIO()
    storage = torch.zeros(count).storage()
    torch.save(storage, buffer, _use_new_zipfile_serialization=False)
    return b"B" + struct.pack("<I", len(buffer.getvalue())) + buffer.getvalue()


MANY = 3_000_000
COSTLY = {
    "sets": lambda: b"\x8f" * MANY,
    "dicts": lambda: b"}" * MANY,
    "marks": lambda: b"(" * MANY,
    "memory": lambda: b"N" + b"\x94" * MANY,
    "nest": lambda: b"N" + b"\x85" * MANY,
    "stream again": lambda: (
        b"ctorch.storage\n_load_from_bytes\n\x94"
        + stream_of_zeros(100_000)
        + b"\x94"
        + b"h\x00h\x01\x85R" * 5000
    ),
    "encoding again": lambda: (
        b"c_codecs\nencode\n\x94" + text(b"a" * MANY) + b"\x94X\6\0\0\0latin1\x94"
        b"" + b"h\x00h\x01h\x02\x86R0" * 5000
    ),
    "list again": lambda: (
        b"c__builtin__\nset\n\x94](" + b"K\x01" * 20_000 + b"e\x94" + b"h\x00h\x01\x85R0" * 5000
    ),
}


@pytest.mark.filterwarnings("ignore:TypedStorage is deprecated")
@pytest.mark.parametrize("kind", COSTLY)
def test_a_program_that_costs_more_than_its_size_is_refused_in_little_memory(kind, tmp_path):
    program = b"\x80\x04" + COSTLY[kind]() + b"."
    (tmp_path / "w.pkl").write_bytes(program)
    tracemalloc.start()
    try:
        assert "than its size allows" in refusal_of(tmp_path / "w.pkl")
        assert tracemalloc.get_traced_memory()[1] < 3 * len(program) + 2**22
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("step", [b"\x96", b"\x8e", b"\x95"])
def test_a_length_beyond_the_file_is_damage(step, tmp_path):
    (tmp_path / "w.pkl").write_bytes(b"\x80\x05" + step + struct.pack("<Q", 2**50) + b"abc")
    assert "damaged or cut short" in refusal_of(tmp_path / "w.pkl")


def test_a_size_with_text_in_it_is_no_size(tmp_path):
    program = (
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(((ctorch\nFloatStorage\nlNtQ"
        b"K\x00(X\x01\0\0\0aJ\xff\xff\xff\x7ft)\x89NtR."
    )
    (tmp_path / "w.pkl").write_bytes(program)
    assert "damaged" in refusal_of(tmp_path / "w.pkl")


def test_an_archive_of_nothing_but_names_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "w.pt", "w") as archive:
        for index in range(20_000):
            archive.writestr(f"archive/data/{index:040}", b"")
    assert "a longer list of entries" in refusal_of(tmp_path / "w.pt")


def test_a_file_of_weights_in_an_archive_is_to_be_unpacked_first(tmp_path):
    torch.save(TENSORS, tmp_path / "w.pt")
    with zipfile.ZipFile(tmp_path / "packed.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "w.pt", "folder/w.pt")
    assert "folder/w.pt in it; unpack it first" in refusal_of(tmp_path / "packed.zip")
    (tmp_path / "w.pt.gz").write_bytes(gzip.compress((tmp_path / "w.pt").read_bytes()))
    assert "packed by gzip; unpack it first" in refusal_of(tmp_path / "w.pt.gz")
    with tarfile.open(tmp_path / "w.tar", "w") as archive:
        archive.add(tmp_path / "w.pt", "w.pt")
    assert "packed by tar; unpack it first" in refusal_of(tmp_path / "w.tar")


def test_an_archive_that_was_packed_anew_with_compression_is_to_be_unpacked_first(tmp_path):
    torch.save(TENSORS, tmp_path / "w.pt")
    with (
        zipfile.ZipFile(tmp_path / "w.pt") as whole,
        zipfile.ZipFile(tmp_path / "anew.pt", "w", zipfile.ZIP_DEFLATED) as anew,
    ):
        for name in whole.namelist():
            anew.writestr(name, whole.read(name))
    assert "compressed it; unpack it first" in refusal_of(tmp_path / "anew.pt")


def test_a_network_of_tensorflow_is_to_be_converted_first(tmp_path, monkeypatch):
    module = types.ModuleType("dnnlib.tflib.network")
    module.Network = type("Network", (), {"__module__": module.__name__})
    for name in ("dnnlib", "dnnlib.tflib"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    networks = (module.Network(), module.Network(), module.Network())
    (tmp_path / "w.pkl").write_bytes(pickle.dumps(networks, protocol=2))
    said = refusal_of(tmp_path / "w.pkl")
    assert "TensorFlow" in said and "convert it first" in said and "nothing was executed" in said


@pytest.mark.parametrize("kind", ["pt", "old pt", "pkl"])
def test_reading_takes_little_more_memory_than_the_numbers(kind, tmp_path):
    path = tmp_path / "w"
    tensors = {"a": torch.zeros(250_000), "b": torch.zeros(250_000)}
    if kind == "pkl":
        path.write_bytes(pickle.dumps(tensors))
    else:
        torch.save(tensors, path, _use_new_zipfile_serialization=kind == "pt")
    tracemalloc.start()
    found = read_pickle(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert torch.equal(found["a"], tensors["a"])
    assert peak < (1.1 if kind == "pkl" else 0.6) * path.stat().st_size + 2**20
