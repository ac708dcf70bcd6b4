"""Edits and projections give the same wherever they are called: web handlers, other defaults."""

import contextlib
import dataclasses

import numpy as np
import pytest
import torch
from generator_files import write

import sgim
from sgim.models.generators import load_generator
from sgim.seeds import ws_from_seeds
from sgim.world.sounds import synthesize_sound

EDIT = sgim.ManipulateConfig(num_steps=1, latent_noise=0.1)
SEARCH = sgim.ProjectConfig(num_starts=2, num_kept=1, num_steps=1)


@contextlib.contextmanager
def doubles():
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


@contextlib.contextmanager
def elsewhere():
    torch.set_default_device("meta")
    try:
        yield
    finally:
        torch.set_default_device(None)


SURROUNDINGS = {
    "no_grad": torch.no_grad,
    "inference_mode": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu"),
    "float64": doubles,
    "device": elsewhere,
}


def outcome(bundle):
    """An edit of what a projection found, by sound and text."""
    photo = np.full((32, 32), 0.5)
    found = sgim.project(bundle, photo, config=SEARCH)
    sound = synthesize_sound("rain", 0.8, seconds=1.0, seed=1)[0].numpy(), 16_000
    edit = sgim.manipulate(bundle, found.ws, sound=sound, text="fire", config=EDIT)
    assert edit.ws.dtype == torch.float32 and not edit.ws.is_inference()
    return edit.ws


def with_small_pictures(bundle):
    return dataclasses.replace(bundle, generator=bundle.generator.at_resolution(64))


@pytest.fixture(scope="module")
def small(bundle):
    return with_small_pictures(bundle)


@pytest.fixture(scope="module")
def expected(small):
    return outcome(small)


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_the_same_comes_out_in_any_surroundings(name, small, expected):
    with SURROUNDINGS[name]():
        found = outcome(small)
    assert torch.equal(found, expected)
    assert torch.get_default_dtype() == torch.float32


def seen_and_heard(bundle):
    sound = synthesize_sound("rain", 0.8, seconds=1.0, seed=1)[0].numpy()
    images = bundle.generator.synthesis(ws_from_seeds(bundle.generator, [3]))
    features = bundle.encode_image(images), bundle.encode_audio(sound, 16_000)
    return torch.cat([images.flatten(1), *features, bundle.encode_text(["fire"])], dim=1)


@pytest.mark.parametrize("name", ["no_grad", "inference_mode", "float64", "device"])
def test_pictures_and_embeddings_are_the_same_in_any_surroundings(name, small):
    expected = seen_and_heard(small)
    with SURROUNDINGS[name]():
        found = seen_and_heard(small)
    assert found.dtype == torch.float32 and torch.equal(found, expected)


@pytest.mark.parametrize("name", ["inference_mode", "float64"])
def test_a_bundle_that_was_loaded_there_is_the_same(name, expected):
    with SURROUNDINGS[name]():
        bundle = sgim.load_bundle("mini", "cpu")
        assert ws_from_seeds(bundle.generator, [0]).dtype == torch.float32
    assert torch.equal(outcome(with_small_pictures(bundle)), expected)


@pytest.mark.parametrize("name", ["inference_mode", "float64"])
def test_a_generator_that_was_read_or_used_there_can_be_edited(name, bundle, tmp_path):
    path = write("pt", tmp_path)
    with SURROUNDINGS[name]():
        generator = load_generator(path, "cpu")
        generator.synthesis(generator.w_avg[None])
    with_it = dataclasses.replace(bundle, generator=generator)
    edit = sgim.manipulate(with_it, generator.w_avg, text="fire", config=EDIT)
    assert (edit.ws - edit.source_ws).abs().max() > 0
    again = dataclasses.replace(bundle, generator=load_generator(path, "cpu"))
    assert torch.equal(
        sgim.manipulate(again, generator.w_avg, text="fire", config=EDIT).ws, edit.ws
    )
