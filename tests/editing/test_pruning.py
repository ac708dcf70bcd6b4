"""Pruning: changes that bring little are undone, exactly, and what counts stays."""

import torch

import sgim
from sgim.editing.presets import CLEAN
from sgim.editing.pruning import TRIED, prune
from sgim.seeds import ws_from_seeds
from sgim.world import WEATHER_NAMES, synthesize_sound

SOURCE = torch.zeros(2, 3, 5)


def distance(ws):
    """The first coordinate is worth its size, the second a fifth, the third does harm."""
    first, second, third = ws.flatten(1)[:, :3].unbind(dim=1)
    return 2 - first - 0.2 * second + 0.1 * third


def changed(*pairs):
    ws = SOURCE.clone()
    for index, value in pairs:
        ws.view(2, -1)[:, index] = value
    return ws


def test_what_is_worth_little_goes_back_to_exactly_its_source():
    ws = changed((0, 1.0), (1, 1.0), (2, 1.0), (9, 1.0))
    kept = prune(ws, SOURCE, distance, 0.6)
    assert torch.equal(kept, changed((0, 1.0)))
    assert torch.equal(prune(ws, SOURCE, distance, 0.1), changed((0, 1.0), (1, 1.0)))


def test_pictures_of_a_batch_are_pruned_each_for_itself():
    ws = changed((0, 1.0), (1, 1.0))
    ws[1, 0, 0] = 0.0
    kept = prune(ws, SOURCE, distance, 0.6)
    assert kept.flatten(1)[:, :2].tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_only_the_largest_changes_are_tried():
    ws = changed(*((index, 1.0 + index) for index in range(3, 15)), (0, 0.5))
    kept = prune(ws, SOURCE, distance, 0.0)
    assert (kept != 0).flatten(1).sum(dim=1).tolist() == [TRIED, TRIED]
    assert (kept.flatten(1)[:, 0] == 0).all()


def test_a_latent_that_has_not_moved_stays():
    assert torch.equal(prune(SOURCE, SOURCE, distance, 0.6), SOURCE)


def test_a_clean_edit_brings_its_weather_and_leaves_nearly_all_of_the_latent_alone():
    bundle = sgim.load_bundle("mini")
    source = ws_from_seeds(bundle.generator, [700, 702])
    sound = synthesize_sound("fire", 0.9, 5.0, 77)
    result = sgim.manipulate(bundle, source, sound=sound, config=CLEAN)
    before, after = (bundle.generator.scene_parameters(ws) for ws in (source, result.ws))
    rise = {name: after[name] - before[name] for name in WEATHER_NAMES}
    assert (rise.pop("fire") > 0.5).all()
    assert max(value.max() for value in rise.values()) < 0.15
    assert ((result.ws != source).flatten(1).sum(dim=1) <= TRIED).all()
    assert torch.equal(result.trajectory[0], source)
    assert torch.equal(result.trajectory[-1], result.ws)
    assert len(result.trajectory) == CLEAN.num_steps + 1
