"""Pursuit: the few coordinates that bring most are found, and go on alone."""

import torch
from test_manipulation import TinyBundle, TinyGenerator

import sgim
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulation import manipulate
from sgim.editing.pursuit import SECOND_SIZE, TRIED, WANDERING, pursue
from sgim.seeds import ws_from_seeds
from sgim.world import WEATHER_NAMES, synthesize_sound

SOURCE = torch.zeros(2, 3, 5)
ALL = torch.ones(3, 1, dtype=torch.bool)


def changed(*pairs, source=SOURCE):
    ws = source.clone()
    for index, value in pairs:
        ws.view(len(ws), -1)[:, index] += value
    return ws


def worth(**of):
    """A distance that falls by each coordinate's worth until it has moved by 1."""
    slope = torch.zeros(15)
    for name, value in of.items():
        slope[int(name[1:])] = value
    return lambda ws: 9 - ws.flatten(1).clamp(max=1) @ slope


def test_the_coordinate_that_alone_brings_most_stays_at_the_size_of_the_whole_change():
    ws = changed((0, 0.3), (1, 0.4), (2, -1.2))
    found, chosen = pursue(ws, SOURCE, ALL, worth(c0=1.0, c1=0.01))
    assert torch.allclose(found, changed((0, 1.3)))
    assert chosen.flatten(1).nonzero()[:, 1].tolist() == [0, 0]


def test_another_size_of_it_is_taken_where_that_comes_nearer():
    ws = changed((0, 1.0))
    found, _ = pursue(ws, SOURCE, ALL, lambda ws: (ws.flatten(1)[:, 0] - 0.7).abs())
    assert torch.allclose(found, changed((0, 0.6)))


def test_a_coordinate_that_went_the_wrong_way_is_turned():
    ws = changed((0, -0.6), (1, 0.8))
    found, _ = pursue(ws, SOURCE, ALL, worth(c0=1.0, c1=0.01))
    assert torch.allclose(found, changed((0, 1.0)))


def test_a_second_stays_where_it_pays():
    ws = changed((0, 0.6), (1, 0.8))
    found, chosen = pursue(ws, SOURCE, ALL, worth(c0=1.0, c1=0.5))
    assert torch.allclose(found, changed((0, 1.0), (1, SECOND_SIZE)))
    assert chosen.flatten(1).sum(dim=1).tolist() == [2, 2]


def test_all_may_move_on_where_few_cannot_do_what_many_did():
    ws = changed(*((index, 1.0) for index in range(8)))
    together = lambda ws: 9 - ws.flatten(1)[:, :8].clamp(max=1).sum(dim=1)  # noqa: E731
    found, chosen = pursue(ws, SOURCE, ALL, together)
    assert torch.equal(found, ws) and chosen.all()


def test_pictures_of_a_batch_are_pursued_each_for_itself():
    ws = changed((0, 0.6), (1, 0.8))
    found, _ = pursue(ws, SOURCE, ALL, lambda ws: (ws[[0, 1], 0, [0, 1]] - 1).abs())
    assert found.flatten(1)[:, :2].tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_rows_that_may_not_move_stay():
    ws, moving = changed((7, 1.0)), torch.tensor([[False], [True], [False]])
    found, _ = pursue(ws, SOURCE, moving, worth(c0=1.0, c7=0.2))
    assert torch.equal(found, changed((7, 1.0)))


def test_only_the_largest_changes_are_tried():
    ws = changed(*((index, 2.0) for index in range(1, 1 + TRIED)), (0, 1.0))
    _, chosen = pursue(ws, SOURCE, ALL, worth(c0=0.9, c1=1.0))
    assert not chosen.flatten(1)[:, 0].any()


def test_a_latent_that_has_not_moved_stays_and_may_move():
    found, chosen = pursue(SOURCE, SOURCE, ALL, worth(c0=1.0))
    assert torch.equal(found, SOURCE)
    assert chosen.flatten(1).any(dim=1).all()


def test_an_edit_goes_on_with_the_chosen_coordinates_alone():
    bundle = TinyBundle(TinyGenerator())
    source = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(1))
    config = ManipulateConfig(num_steps=10)
    trajectory = manipulate(bundle, source, text="rain", config=config).trajectory
    pursued = round(WANDERING * config.num_steps)
    assert len(trajectory) == config.num_steps + 1
    for ws in trajectory[pursued + 1 :]:
        moved = (ws != trajectory[pursued]).flatten(1).sum(dim=1)
        free = (trajectory[pursued] != source).flatten(1).sum(dim=1) > 2
        assert ((moved <= 2) | free).all()


def test_an_edit_of_some_rows_leaves_the_others_alone_all_the_way():
    bundle = TinyBundle(TinyGenerator())
    source = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(1))
    config = ManipulateConfig(num_steps=10, layers=(1,))
    result = manipulate(bundle, source, text="rain", config=config)
    for ws in result.trajectory:
        assert torch.equal(ws[:, [0, 2]], source[:, [0, 2]])
    assert not torch.equal(result.ws, source)


def test_patience_ends_the_wandering_and_not_the_edit():
    bundle = TinyBundle(TinyGenerator())
    source = torch.randn(1, 3, 4, generator=torch.Generator().manual_seed(1))
    config = ManipulateConfig(num_steps=20, patience=1, min_improvement=10.0)
    result = manipulate(bundle, source, text="rain", config=config)
    assert result.stopped_early and 4 <= len(result.trajectory) - 1 < 20


def test_a_callback_ends_the_edit_where_it_is():
    bundle = TinyBundle(TinyGenerator())
    source = torch.randn(1, 3, 4, generator=torch.Generator().manual_seed(1))
    result = manipulate(bundle, source, text="rain", callback=lambda step: True)
    assert result.stopped_early and len(result.trajectory) == 2


def test_a_stop_in_the_pursuit_leaves_the_latent_as_it_was_before():
    bundle = TinyBundle(TinyGenerator())
    source = torch.randn(1, 3, 4, generator=torch.Generator().manual_seed(1))
    config = ManipulateConfig(num_steps=10)
    pursued, asked = round(WANDERING * 10), []

    def stop_in_the_pursuit():
        asked.append(True)
        return len(asked) == pursued + 3

    stopped = manipulate(
        bundle,
        source,
        text="rain",
        config=config,
        stop_asked=stop_in_the_pursuit,
    )
    assert stopped.stopped_early and len(asked) == pursued + 3
    assert len(stopped.history["total"]) == pursued
    before = lambda step: step.index == pursued - 1  # noqa: E731
    again = manipulate(bundle, source, text="rain", config=config, callback=before)
    assert torch.equal(stopped.ws, again.ws)


def test_an_edit_brings_its_weather_and_leaves_nearly_all_of_the_latent_alone():
    bundle = sgim.load_bundle("mini")
    source = ws_from_seeds(bundle.generator, [700, 702])
    sound = synthesize_sound("fire", 0.9, 5.0, 77)
    result = sgim.manipulate(bundle, source, sound=sound)
    before, after = (bundle.generator.scene_parameters(ws) for ws in (source, result.ws))
    rise = {name: after[name] - before[name] for name in WEATHER_NAMES}
    assert (rise.pop("fire") > 0.5).all()
    assert max(value.max() for value in rise.values()) < 0.15
    assert ((result.ws != source).flatten(1).sum(dim=1) <= 2).all()
    assert torch.equal(result.trajectory[0], source)
    assert torch.equal(result.trajectory[-1], result.ws)
