"""Scenes by number: which numbers there are, and where a generator gets its codes from."""

import re

import numpy as np
import pytest
import torch

from sgim.checks import SgimError
from sgim.seeds import ws_from_seeds
from sgim.world.scenes import SceneGenerator


@pytest.fixture(scope="module")
def generator():
    return SceneGenerator(64)


def test_the_same_seed_is_the_same_place_however_it_is_given(generator):
    expected = ws_from_seeds(generator, [0, 3])
    for seeds in ((0, 3), range(0, 4, 3), np.array([0, 3])):
        assert torch.equal(ws_from_seeds(generator, seeds), expected)


@pytest.mark.parametrize("seeds", [[2**64], [-1], ["1"], [0.5], [None], [], 3, None])
def test_what_is_no_seed_gets_one_sentence(seeds, generator):
    told = f"seeds are {seeds!r}; they are whole numbers from 0 to 2**63 - 1"
    with pytest.raises(SgimError, match=re.escape(told)):
        ws_from_seeds(generator, seeds)


def test_a_truncation_that_is_not_finite_is_refused(generator):
    with pytest.raises(SgimError, match="truncation_psi: 1 of 1 values are not finite"):
        ws_from_seeds(generator, [0], float("nan"))


@pytest.mark.parametrize("kind", [torch.float64, torch.float16, torch.int64])
def test_codes_and_latents_of_any_precision_are_those_of_the_generator(kind, generator):
    z = torch.ones(1, generator.z_dim, dtype=kind)
    ws = generator.mapping(z)
    assert ws.dtype == torch.float32
    assert generator.synthesis(ws.double()).dtype == torch.float32


def test_latents_that_are_not_finite_are_never_painted(generator):
    ws = ws_from_seeds(generator, [0]).requires_grad_()
    with torch.no_grad():
        ws[0, 3, 5] = float("nan")
    with pytest.raises(SgimError, match="ws: 1 of 120 values are not finite"):
        generator.synthesis(ws)
