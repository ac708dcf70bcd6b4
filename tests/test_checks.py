"""Checks: what is finite passes, what is not gets one sentence, on one line."""

import numpy as np
import pytest
import torch

from sgim.checks import SgimError, cast_like, require_finite

NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(
    "value",
    [
        0.5,
        10**400,
        [1, 2.5],
        [],
        np.float32(3),
        np.arange(3),
        np.zeros((2, 0)),
        torch.tensor(1.0),
        torch.arange(4),
        torch.ones(2, 3, dtype=torch.bfloat16),
        torch.ones(2, dtype=torch.bool),
        torch.zeros(0),
    ],
)
def test_finite_numbers_pass(value):
    require_finite("the thing", value)


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (NAN, "1 of 1"),
        (-INFINITY, "1 of 1"),
        (np.float64(NAN), "1 of 1"),
        ([1.0, NAN], "1 of 2"),
        (np.array([[NAN, 1], [INFINITY, 2]]), "2 of 4"),
        (torch.tensor([NAN, INFINITY, -INFINITY, 1, 2]), "3 of 5"),
        (torch.tensor([INFINITY, 1]).half(), "1 of 2"),
        (torch.tensor(NAN, requires_grad=True), "1 of 1"),
        (torch.tensor([complex(1, NAN), 1j]), "1 of 2"),
    ],
)
def test_what_is_not_finite_is_counted_in_one_sentence(value, count):
    with pytest.raises(SgimError) as error:
        require_finite("the thing", value, "clean it")
    assert str(error.value) == f"the thing: {count} values are not finite; clean it."


@pytest.mark.parametrize("kind", [torch.float64, torch.float16, torch.bfloat16, torch.int64])
def test_real_numbers_of_any_precision_are_cast(kind):
    given = torch.arange(3).to(kind)
    cast = cast_like("z", given, torch.zeros(1))
    assert cast.dtype == torch.float32 and torch.equal(cast, torch.arange(3.0))


def test_gradients_flow_through_a_cast():
    given = torch.ones(2, dtype=torch.float64, requires_grad=True)
    cast_like("z", given, torch.zeros(1)).sum().backward()
    assert torch.equal(given.grad, torch.ones(2, dtype=torch.float64))


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ([1.0], "z is a list; it must be a tensor"),
        (torch.zeros(2, dtype=torch.complex64), "z is torch.complex64 and .* real numbers"),
        (torch.zeros(2, dtype=torch.bool), "z is torch.bool"),
        (torch.zeros(2, 2).to_sparse(), "torch.sparse_coo; it must be a dense tensor"),
        (torch.zeros(2, device="meta"), "z is on the device meta"),
        (torch.tensor([1.0, NAN]), "z: 1 of 2 values are not finite"),
        (torch.tensor([1e300], dtype=torch.float64), "z: 1 of 1 values are not finite"),
    ],
)
def test_what_cannot_be_cast_gets_one_sentence(value, sentence):
    with pytest.raises(SgimError, match=sentence):
        cast_like("z", value, torch.zeros(1))


def test_a_sentence_stays_on_one_line_whatever_it_quotes():
    for end in ("\n", "\r\n", "\x85", "\u2028"):
        assert str(SgimError(f"a{end}b is missing.")) == "a b is missing."
