"""What is heard is told in words that fit its probability."""

import dataclasses

import torch

from sgim.embedding.hearing import Heard, what_is_heard
from sgim.embedding.zero_shot import label_features
from sgim.models.audio_encoder import Certainty
from sgim.world.names import SOUND_NAMES

REST = {name: 0.0 for name in SOUND_NAMES if name not in ("rain", "stream")}


def told(first, second, is_weather=True):
    scores = {"rain": first, "stream": second} | REST
    return str(Heard(scores=scores, sureness=first + second, is_weather=is_weather))


def test_words_follow_the_probability_and_a_close_second_is_named():
    assert told(0.97, 0.01) == "almost certainly rain (97%)"
    assert told(0.8, 0.1) == "very likely rain (80%)"
    assert told(0.55, 0.4) == "probably rain (55%), or stream (40%)"
    assert told(0.3, 0.05) == "perhaps rain (30%)"
    none = "none of the weathers this world knows: nearest rain (20%)"
    assert told(0.2, 0.1, is_weather=False) == none


def test_a_sound_that_says_its_own_words_is_that_and_one_that_says_clear_is_none(bundle):
    for name in ("rain", "crickets"):
        heard = what_is_heard(bundle, label_features(bundle.encode_text, [name]))
        assert heard.name == name and heard.is_weather
        assert abs(sum(heard.scores.values()) - heard.sureness) < 1e-5
    heard = what_is_heard(bundle, label_features(bundle.encode_text, ["clear"]))
    assert not heard.is_weather


def test_an_encoder_may_ask_for_more_before_it_believes_in_weather(bundle, monkeypatch):
    features = label_features(bundle.encode_text, ["rain"])
    strict = Certainty(scale=1e-3, least_weather=0.95)
    config = dataclasses.replace(bundle.audio_encoder.config, certainty=strict)
    monkeypatch.setattr(bundle.audio_encoder, "config", config)
    assert not what_is_heard(bundle, features).is_weather
    assert torch.isfinite(torch.tensor(list(what_is_heard(bundle, features).scores.values()))).all()
