"""Checks of numbers: what is finite passes, what is not gets one sentence."""

import numpy as np
import pytest
import torch

from sgim.checks import SgimError, require_finite

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
