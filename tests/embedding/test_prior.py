"""The prior: which picture a sound or caption belongs to, in made-up embeddings."""

import random

import pytest
import torch
import torch.nn.functional as F

from sgim.checks import SgimError
from sgim.embedding.prior_training import (
    Bank,
    PriorPairs,
    PriorTrainingConfig,
    pair_pictures,
    train_prior,
)
from sgim.models.prior import Prior, PriorConfig

SUNSET = {"sun_height": 0.05}


def made_up_bank(count=50):
    """Rain points along x, fire along y, and the third number is the intensity."""
    intensities = [index / (count - 1) for index in range(count)] * 2
    directions = [(1.0, 0.0)] * count + [(0.0, 1.0)] * count
    features = torch.tensor(
        [[x, y, value] for (x, y), value in zip(directions, intensities, strict=True)]
        + [[0.0, 0.0, -1.0]]
    )
    names = ["rain"] * count + ["fire"] * count + ["clear"]
    return Bank(F.normalize(features, dim=1), names, [*intensities, 0.0])


@pytest.mark.parametrize("intensity", [0.0, 0.02, 0.5, 1.0])
def test_what_is_drawn_has_the_name_and_about_the_intensity(intensity):
    bank = made_up_bank()
    for seed in range(20):
        x, y, value = bank.draw("fire", intensity, random.Random(seed)).tolist()
        assert x == 0 and abs(value / y - intensity) <= 0.051


def test_an_intensity_that_no_sound_has_takes_the_nearest():
    bank = Bank(torch.eye(2), ["rain", "rain"], [0.2, 0.3])
    for asked, row in ((0.0, 0), (0.9, 1)):
        assert bank.draw("rain", asked, random.Random(0)).argmax() == row


def test_in_a_mixture_the_strongest_weather_weighs_most():
    bank = made_up_bank()
    for seed in range(20):
        x, y, _ = bank.mix({"rain": 0.9, "fire": 0.3}, random.Random(seed)).tolist()
        assert x > 0 and y > 0
    assert bank.mix({}, random.Random(0)).tolist() == [0, 0, -1]


def test_pairs_say_what_the_pictures_show_and_know_what_cannot_be_heard():
    def encode_text(sentences):
        told = [[float("rain" in text or "driz" in text), 1.0, 0.0] for text in sentences]
        return F.normalize(torch.tensor(told), dim=1)

    bank = made_up_bank()
    pairs = pair_pictures(
        torch.eye(3), [{"rain": 0.5}, {"snow": 0.5}, {}], [SUNSET] * 3, bank, encode_text
    )
    assert pairs.is_audible.tolist() == [True, False, True]
    assert pairs.words.shape == pairs.sounds.shape == (3, 4, 3)
    assert (pairs.sounds[1] == 0).all() and (pairs.sounds[2] == torch.tensor([0, 0, -1.0])).all()
    assert (pairs.sounds[0, :, 0] > 0.8).all()


def test_recordings_ask_for_one_weather_and_never_join_a_mixture():
    sounds = Bank(torch.eye(4)[[0, 0, 1]], ["rain", "fire", "clear"], [0.5, 0.5, 0.0])
    recordings = Bank(torch.eye(4)[[2, 2, 3]], ["rain", "fire", "clear"], [0.5, 0.5, 0.0])
    weathers = [{"rain": 0.5}, {"rain": 0.5, "fire": 0.5}, {}] * 50
    pairs = pair_pictures(
        torch.zeros(150, 4),
        weathers,
        [SUNSET] * 150,
        sounds,
        lambda sentences: torch.ones(len(sentences), 4),
        recordings=recordings,
        recording_share=0.5,
    )
    alone, mixed, clear = (pairs.sounds[kind::3].argmax(dim=2) for kind in range(3))
    assert (alone == 2).float().mean().item() == pytest.approx(0.5, abs=0.15)
    assert (mixed == 0).all() and (clear == 1).all()


def test_every_other_caption_of_the_whole_tells_of_the_light():
    told = []

    def encode_text(sentences):
        told.append(sentences)
        return torch.ones(len(sentences), 3)

    weathers = [{"rain": 0.5}, {}] * 20
    pair_pictures(torch.zeros(40, 3), weathers, [SUNSET] * 40, made_up_bank(), encode_text)
    plain, light = (told[-1][way::4] for way in (0, 2))
    words = ("dawn", "dusk", "sunset", "sunrise", "evening")
    assert not any(word in caption for caption in plain for word in words)
    assert sum(any(word in caption for word in words) for caption in light) >= 20


def test_a_prior_learns_a_rotation():
    torch.manual_seed(0)
    given = F.normalize(torch.randn(256, 1, 8), dim=-1)
    turned = given[:, 0].roll(1, dims=1)
    pairs = PriorPairs(turned, given, given, torch.ones(256, dtype=torch.bool))
    config = PriorTrainingConfig(num_epochs=60, batch_size=64)
    prior, history = train_prior(
        pairs, config=config, prior_config=PriorConfig(embed_dim=8, width=64), progress=False
    )
    assert history[-1]["loss"] < 0.05 < history[0]["loss"]
    with torch.no_grad():
        seen = prior(given[:, 0])
    assert torch.allclose(seen.norm(dim=1), torch.ones(256), atol=1e-5)


def test_unusable_sizes_are_refused():
    with pytest.raises(SgimError, match="width is 0"):
        Prior(PriorConfig(width=0))
    for share in ("sound_share", "recording_share"):
        with pytest.raises(SgimError, match=f"{share} is 2"):
            PriorTrainingConfig(**{share: 2.0})


def test_intensities_are_lifted_in_their_order_and_none_stays_none():
    bank = Bank(torch.eye(4), ["rain", "rain", "rain", "clear"], [0.2, 0.6, 1.0, 0.0])
    assert bank.lifted(0.4).intensities == pytest.approx([0.4, 0.7, 1.0, 0.0])


def test_banks_are_joined_and_come_back_from_a_file(tmp_path):
    bank = made_up_bank(3) + Bank(torch.tensor([[0.0, 1.0, 0.0]]), ["waves"], [0.5])
    bank.save(tmp_path / "bank.safetensors")
    again = Bank.load(tmp_path / "bank.safetensors")
    assert again.names == bank.names == ["rain"] * 3 + ["fire"] * 3 + ["clear", "waves"]
    assert again.intensities == bank.intensities and torch.equal(again.features, bank.features)
    assert torch.equal(again.draw("waves", 0.9, random.Random(0)), bank.features[-1])
