"""Latents as people give them: shapes, precisions, arrays, files; and what is refused."""

import numpy as np
import pytest
import torch
from torch import nn

from sgim.checks import SgimError
from sgim.editing.latents import as_ws

WS = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0))


class Generator(nn.Module):
    num_ws, w_dim = 3, 4

    def __init__(self, dtype=torch.float32):
        super().__init__()
        self.register_buffer("count", torch.tensor(3))
        self.register_buffer("w_avg", torch.zeros(3, 4, dtype=dtype))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("kind", [torch.float64, torch.float16, torch.bfloat16, torch.int64])
def test_any_precision_becomes_that_of_the_generator(kind, dtype):
    ws = as_ws(WS.to(kind), Generator(dtype))
    assert ws.dtype == dtype and torch.equal(ws, WS.to(kind).to(dtype))


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", ">f4", ">f8", "i8", "u1"])
def test_arrays_are_taken_as_tensors_are(kind):
    array = (10 * WS.abs()).numpy().astype(kind)
    assert torch.allclose(as_ws(array, Generator()), torch.from_numpy(array.astype("f4")))


def test_files_are_taken_as_tensors_are(tmp_path):
    np.save(tmp_path / "w.npy", WS.double().numpy())
    torch.save({"latent": WS[0]}, tmp_path / "w.pt")
    assert torch.equal(as_ws(tmp_path / "w.npy", Generator()), WS)
    assert torch.equal(as_ws(str(tmp_path / "w.pt"), Generator()), WS[:1])


@pytest.mark.parametrize(
    ("latents", "expected"),
    [
        (WS[0, 0], WS[0, 0].expand(1, 3, 4)),
        (WS[0, :1], WS[0, 0].expand(1, 3, 4)),
        (WS[0], WS[:1]),
        (WS[:, :1], WS[:, :1].expand(2, 3, 4)),
        (WS, WS),
    ],
)
def test_one_w_stands_for_all_rows(latents, expected):
    assert torch.equal(as_ws(latents, Generator()), expected)


def test_what_was_given_is_left_alone():
    given = WS.clone().requires_grad_()
    ws = as_ws(given, Generator())
    ws += 1
    assert torch.equal(given, WS) and not ws.requires_grad


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("kind", ["tensor", "array", "file"])
def test_latents_that_are_not_finite_get_one_sentence(kind, value, tmp_path):
    ws = WS.clone()
    ws[1, 2, 3] = value
    given = ws.numpy() if kind == "array" else ws
    if kind == "file":
        torch.save(ws, tmp_path / "w.pt")
        given = tmp_path / "w.pt"
    with pytest.raises(SgimError, match="1 of 24 values are not finite"):
        as_ws(given, Generator())


def test_numbers_too_large_for_the_generator_are_not_finite():
    with pytest.raises(SgimError, match="24 of 24 values are not finite"):
        as_ws(WS.double().sign() * 1e300, Generator())


@pytest.mark.parametrize(
    ("latents", "sentence"),
    [
        (WS.to(torch.complex64), "complex64 and .* dense tensor of real numbers"),
        (WS > 0, "torch.bool and .* real numbers"),
        (WS.to_sparse(), "sparse_coo; it must be a dense tensor"),
        (WS.to("meta"), "on the device meta, without numbers"),
        (WS.numpy().astype(object), "array of object; it must hold real numbers"),
        (WS.numpy().astype(complex), "array of complex128"),
        (WS.tolist(), "is a list; it must be a tensor, an array or the path"),
        (None, "is a NoneType"),
        (WS[:0], r"shape \(0, 3, 4\); this generator takes \(batch, 3, 4\)"),
        (WS[:, :2], r"shape \(2, 2, 4\)"),
        (WS[0, :2], r"shape \(2, 4\)"),
        (WS[..., :3], r"shape \(2, 3, 3\)"),
        (WS[None], r"shape \(1, 2, 3, 4\)"),
        (torch.tensor(1.0), r"shape \(\)"),
    ],
)
def test_what_is_no_latent_gets_one_sentence(latents, sentence):
    with pytest.raises(SgimError, match=f"source_ws .*{sentence}"):
        as_ws(latents, Generator())
