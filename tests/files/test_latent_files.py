"""Latents on disk, as many tools leave them: what is read, and what is refused."""

import io
import pickle
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from sgim.checks import SgimError
from sgim.files.latents import load_latents, save_latents

WS = torch.randn(2, 18, 16, generator=torch.Generator().manual_seed(0))


def write(kind, path, ws=WS):
    array = ws.numpy()
    if kind == "npy":
        np.save(path, array)
    elif kind == "npy by columns":
        np.save(path, np.asfortranarray(array))
    elif kind == "npy big end first":
        np.save(path, array.astype(">f8"))
    elif kind == "npz of the projector of NVIDIA":
        np.savez(path, w=array)
    elif kind == "npz packed, with other things":
        np.savez_compressed(path, ws=array, psnr=np.zeros(2), names=np.array(["a"]))
    elif kind == "tensor":
        torch.save(ws, path)
    elif kind == "old tensor":
        torch.save(ws, path, _use_new_zipfile_serialization=False)
    elif kind == "tensors by name":
        torch.save({"latent": ws, "noise": [torch.zeros(4, 4)], "loss": 0.1}, path)
    elif kind == "the projector of rosinality":
        torch.save({"photo.jpg": {"img": torch.zeros(3, 8, 8), "latent": ws, "noise": []}}, path)
    else:
        save_file({"ws": ws, "w_avg": torch.zeros(16)}, path)
    written = path if path.exists() else path.with_name(f"{path.name}.np{kind[2]}")
    return written.rename(path.with_name("latents"))


KINDS = (
    "npy",
    "npy by columns",
    "npy big end first",
    "npz of the projector of NVIDIA",
    "npz packed, with other things",
    "tensor",
    "old tensor",
    "tensors by name",
    "the projector of rosinality",
    "safetensors",
)


def test_latents_that_are_saved_are_read_again_and_by_numpy(tmp_path):
    save_latents(tmp_path / "ws.npz", [WS[:1], WS[1:]])
    assert torch.equal(load_latents(tmp_path / "ws.npz"), WS)
    with np.load(tmp_path / "ws.npz") as arrays:
        assert list(arrays) == ["w"] and arrays["w"].dtype == np.float32
    assert [path.name for path in tmp_path.iterdir()] == ["ws.npz"]


@pytest.mark.parametrize("kind", KINDS)
def test_latents_are_read_whatever_tool_wrote_them(kind, tmp_path):
    assert torch.equal(load_latents(write(kind, tmp_path / "a")).float(), WS)


@pytest.mark.parametrize("shape", [(16,), (1, 16), (18, 16), (1, 18, 16), ()])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64, np.uint8])
def test_shape_and_precision_are_those_of_the_file(shape, dtype, tmp_path):
    array = np.full(shape, 3, dtype)
    np.save(tmp_path / "w.npy", array)
    found = load_latents(tmp_path / "w.npy")
    assert tuple(found.shape) == shape and (found == 3).all()
    assert found.dtype == (torch.float64 if array.dtype.itemsize > 4 else torch.float32)


def refusal_of(path):
    with pytest.raises(SgimError) as error:
        load_latents(path)
    assert "\n" not in str(error.value) and path.name in str(error.value)
    return str(error.value)


def test_several_latents_in_a_file_are_told_by_name(tmp_path):
    torch.save({"first": WS, "second": WS}, tmp_path / "w.pt")
    assert "several latents: first, second; save one" in refusal_of(tmp_path / "w.pt")
    np.savez(tmp_path / "w.npz", first=WS.numpy(), second=WS.numpy())
    assert "several latents: first, second; save one" in refusal_of(tmp_path / "w.npz")
    torch.save({"loss": 0.1}, tmp_path / "w.pt")
    assert "no latents; save one" in refusal_of(tmp_path / "w.pt")


class Attack:
    def __reduce__(self):
        return open, ("executed", "w")


def test_objects_are_never_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save(tmp_path / "w.npy", np.array([Attack()], dtype=object))
    assert "no file of plain numbers" in refusal_of(tmp_path / "w.npy")
    np.savez(tmp_path / "w.npz", w=np.array([Attack()], dtype=object))
    assert "no file of plain numbers" in refusal_of(tmp_path / "w.npz")
    (tmp_path / "w.pkl").write_bytes(pickle.dumps({"w": Attack()}))
    assert "nothing was executed" in refusal_of(tmp_path / "w.pkl")
    assert not (tmp_path / "executed").exists()


def npy_of(shape):
    """The head of an array of a shape, and little behind it."""
    buffer = io.BytesIO()
    head = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(buffer, head)
    return buffer.getvalue() + b"\0" * 64


@pytest.mark.parametrize("shape", [(10**12,), (10**5, 10**5, 10**5), (17,)])
def test_an_array_that_claims_more_than_it_holds_is_refused(shape, tmp_path):
    (tmp_path / "w.npy").write_bytes(npy_of(shape))
    assert "no file of plain numbers, or damaged" in refusal_of(tmp_path / "w.npy")


def test_a_head_whose_brackets_stay_open_is_refused(tmp_path):
    (tmp_path / "w.npy").write_bytes(npy_of((4,)).replace(b"}", b" "))
    assert "no file of plain numbers, or damaged" in refusal_of(tmp_path / "w.npy")


def test_zeros_that_unpack_to_gigabytes_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "w.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("w.npy", npy_of((2**25,)) + b"\0" * 2**27)
    assert "unpacks to" in refusal_of(tmp_path / "w.npz")


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_anywhere_gets_one_sentence(kind, tmp_path):
    path = write(kind, tmp_path / "a")
    whole = path.read_bytes()
    for share in (0, 0.02, 0.3, 0.7, 0.99):
        path.write_bytes(whole[: int(share * len(whole))])
        refusal_of(path)


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_that_numpy_does_not_write_is_not_unpacked(packing, tmp_path):
    with zipfile.ZipFile(tmp_path / "w.npz", "w", packing) as archive:
        archive.writestr("w.npy", npy_of((4,)))
    whole = (tmp_path / "w.npz").read_bytes()
    for content in (whole, whole[:50] + bytes(20) + whole[70:]):
        (tmp_path / "w.npz").write_bytes(content)
        assert "packed as NumPy never does it" in refusal_of(tmp_path / "w.npz")


def test_an_archive_whose_end_is_cut_or_of_another_gets_one_sentence(tmp_path):
    path = write("npz of the projector of NVIDIA", tmp_path / "a")
    whole = path.read_bytes()
    end = whole.rindex(b"PK\5\6")
    for stop in range(end, len(whole)):
        path.write_bytes(whole[:stop])
        refusal_of(path)
    for start in (0, end):
        path.write_bytes(b"PK" + whole[start : end + 12] + b"\xff" * 4 + whole[end + 16 :])
        refusal_of(path)


def test_an_archive_that_ends_as_those_above_4_gigabytes_do_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 100)
    path = write("npz of the projector of NVIDIA", tmp_path / "a")
    assert b"PK\6\6" in path.read_bytes()
    assert torch.equal(load_latents(path).float(), WS)


def test_a_missing_file_gets_one_sentence(tmp_path):
    assert "is missing; latents are a .npy" in refusal_of(tmp_path / "none.npy")
