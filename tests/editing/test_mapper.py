"""The mapper: one pass moves what it has to move, and `manipulate` sets out from there."""

import dataclasses

import pytest
import torch
import torch.nn.functional as F

import sgim
from sgim.checks import SgimError
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.mapper import Mapper, MapperConfig
from sgim.seeds import ws_from_seeds

ONE_PASS = ManipulateConfig(start="mapper", num_steps=0)


def unit(*shape, seed=0):
    return F.normalize(torch.randn(shape, generator=torch.Generator().manual_seed(seed)), dim=-1)


def some_mapper(**sizes):
    torch.manual_seed(0)
    sizes = {"num_ws": 5, "w_dim": 7, "embed_dim": 16, "width": 32, "num_blocks": 2} | sizes
    mapper = Mapper(MapperConfig(**sizes)).eval()
    torch.nn.init.normal_(mapper.leave.weight, std=0.1)
    return mapper


def test_the_shipped_mapper_is_small(bundle):
    assert sum(weight.numel() for weight in bundle.mapper.parameters()) <= 1_500_000


def test_small_changes_are_none_at_all():
    source = torch.randn(3, 5, 7)
    ws = some_mapper(threshold=10.0)(source, unit(3, 16), unit(3, 16, seed=1))
    assert torch.equal(ws, source)
    ws = some_mapper(threshold=0.0)(source, unit(3, 16), unit(3, 16, seed=1))
    assert not torch.equal(ws, source)


def test_each_item_of_a_batch_is_edited_as_it_would_be_alone():
    mapper, source = some_mapper(threshold=0.0), torch.randn(3, 5, 7)
    target, seen = unit(3, 16), unit(3, 16, seed=1)
    together = mapper(source, target, seen)
    alone = torch.cat([mapper(source[[i]], target[[i]], seen[[i]]) for i in range(3)])
    assert torch.allclose(together, alone, atol=1e-5)


def test_one_pass_takes_no_step_and_brings_what_is_asked(bundle):
    source = ws_from_seeds(bundle.generator, (700, 701, 702))
    result = sgim.manipulate(bundle, source, text="heavy rain", config=ONE_PASS)
    assert result.history["total"] == [] and len(result.trajectory) == 1
    before, after = (bundle.generator.scene_parameters(ws)["rain"] for ws in (source, result.ws))
    assert (after - before > 0.4).all()


def test_steps_after_the_pass_move_only_what_it_has_moved(bundle):
    source = ws_from_seeds(bundle.generator, (700, 701))
    mapped = sgim.manipulate(bundle, source, text="a big fire", config=ONE_PASS)
    config = dataclasses.replace(ONE_PASS, num_steps=3)
    refined = sgim.manipulate(bundle, source, text="a big fire", config=config)
    still = mapped.ws == source
    assert still.any() and torch.equal(refined.ws[still], source[still])
    assert len(refined.history["total"]) == 3
    assert torch.equal(refined.trajectory[0], mapped.ws)


def test_layers_that_may_not_move_stay_in_one_pass_too(bundle):
    source = ws_from_seeds(bundle.generator, (700,))
    config = dataclasses.replace(ONE_PASS, layers=(0, 1))
    assert torch.equal(
        sgim.manipulate(bundle, source, text="heavy rain", config=config).ws[:, 2:], source[:, 2:]
    )


def test_a_bundle_without_a_mapper_or_with_another_generator_is_told_so(bundle):
    source = ws_from_seeds(bundle.generator, (700,))
    without = dataclasses.replace(bundle, mapper=None)
    with pytest.raises(SgimError, match="the bundle has no mapper"):
        sgim.manipulate(without, source, text="rain", config=ONE_PASS)
    foreign = dataclasses.replace(bundle, mapper=some_mapper(embed_dim=128))
    with pytest.raises(SgimError, match=r"mapper takes \(5, 7\)"):
        sgim.manipulate(foreign, source, text="rain", config=ONE_PASS)


@pytest.mark.parametrize(
    "config, words",
    [
        ({"start": "maper"}, "maper"),
        ({"num_steps": 0}, "at least 1 steps"),
        ({"start": "mapper", "num_steps": -1}, "at least 0 steps"),
    ],
)
def test_unusable_settings_are_refused(config, words):
    with pytest.raises(SgimError, match=words):
        ManipulateConfig(**config)
    with pytest.raises(SgimError, match="width is 0"):
        MapperConfig(num_ws=1, w_dim=1, width=0)
