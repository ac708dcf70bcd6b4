"""Captions say class and strength, and rewording keeps both."""

import itertools
import random

import pytest

from sgim.checks import SgimError
from sgim.world import captions, lexicon, places
from sgim.world.captions import WORD_PATTERN, core_phrases, describe, describe_mix
from sgim.world.names import WEATHER_NAMES
from sgim.world.rewording import augment_caption

PARAMETERS = tuple(places.LIMITS)


def random_landscape(rng):
    return {name: rng.random() for name in PARAMETERS}


def many_captions(count):
    rng = random.Random(0)
    for _ in range(count):
        weather = rng.choice((*WEATHER_NAMES, "clear", None))
        yield describe(weather, rng.random(), rng, random_landscape(rng))
        first, second = rng.sample(WEATHER_NAMES, 2)
        pair = [(first, rng.random()), (second, rng.random())]
        yield describe_mix(pair, rng, random_landscape(rng))


def test_every_weather_has_words_for_every_strength():
    assert tuple(lexicon.WEATHER_WORDS) == WEATHER_NAMES
    for words in lexicon.WEATHER_WORDS.values():
        for field in (words.adjectives, words.phrases, words.clauses):
            assert len(field) == len(lexicon.STRENGTHS)
            assert all(field)


def test_no_phrase_is_said_of_two_strengths_or_two_weathers():
    spoken = {
        (weather, strength): set().union(*core_phrases(weather, strength))
        for weather in WEATHER_NAMES
        for strength in lexicon.STRENGTHS
    }
    for one, other in itertools.combinations(spoken, 2):
        assert not spoken[one] & spoken[other], (one, other)


def test_the_grammar_has_at_least_300_words_and_says_each_of_them():
    said = {word for caption in many_captions(12_000) for word in WORD_PATTERN.findall(caption)}
    assert len(captions.vocabulary()) >= 300
    unsaid = set(captions.vocabulary()) - said
    assert said <= set(captions.vocabulary())
    assert unsaid <= set(lexicon.FILLERS), unsaid


def test_captions_are_short_enough_to_be_read_whole():
    for caption in many_captions(2_000):
        assert len(caption.split()) <= captions.MAX_CAPTION_WORDS
        assert caption.endswith(caption.split()[-1])


def test_the_same_seed_says_the_same():
    said = [describe("fire", 0.4, random.Random(5), {"water": 0.9}) for _ in range(2)]
    assert said[0] == said[1]


def test_describe_refuses_an_unknown_weather_and_a_wrong_intensity():
    rng = random.Random(0)
    with pytest.raises(SgimError, match="'hail'"):
        describe("hail", 0.5, rng)
    for intensity in (-0.1, 1.5, float("nan")):
        with pytest.raises(SgimError, match="intensity"):
            describe("rain", intensity, rng)
    with pytest.raises(SgimError, match="weathers is empty"):
        describe_mix([], rng)


def test_the_landscape_is_spoken_of_by_what_is_there():
    rng = random.Random(1)
    wet = " ".join(describe("snow", 0.5, rng, {"water": 0.9}) for _ in range(100))
    dry = " ".join(describe("snow", 0.5, rng, {"water": 0.1}) for _ in range(100))
    assert "lake" in wet and "meadow" not in wet
    assert "meadow" in dry and "lake" not in dry
    assert places.landscape_words({"unheard_of": 0.9}, rng) == []


def test_a_night_has_no_noon_and_the_sea_no_lake():
    rng = random.Random(2)
    nights = [places.landscape_words({"sun_height": 0.9}, rng, "crickets") for _ in range(50)]
    seas = [places.landscape_words({"water": 0.9}, rng, "waves") for _ in range(50)]
    assert not any(nights) and not any(seas)


def test_two_weathers_are_both_named():
    rng = random.Random(3)
    for _ in range(50):
        words = set(describe_mix([("rain", 0.5), ("birds", 0.5)], rng).split())
        assert words & {"rain", "rainfall", "rainy"}
        assert words & {"birds", "bird", "birdsong"}


def test_rewording_keeps_the_words_that_carry_weather_and_strength():
    rng = random.Random(4)
    swapped_or_changed = 0
    for _ in range(300):
        reworded = augment_caption("a violent downpour over the lake", rng)
        assert {"violent", "downpour"} <= set(reworded.split())
        swapped_or_changed += reworded != "a violent downpour over the lake"
    assert swapped_or_changed > 200
    with pytest.raises(SgimError, match="caption"):
        augment_caption(" ", rng)


def test_rewording_stays_inside_the_vocabulary():
    rng = random.Random(5)
    for caption in many_captions(500):
        assert set(augment_caption(caption, rng).split()) <= set(captions.vocabulary())


def test_prompts_are_words_of_the_grammar():
    known = set(captions.vocabulary())
    for name in WEATHER_NAMES:
        prompts = captions.class_prompts(name)
        assert len(set(prompts)) == len(prompts) >= 10
        light = captions.strength_prompts(name, "light")
        heavy = captions.strength_prompts(name, "heavy")
        assert not set(light) & set(heavy)
        assert set(" ".join((*prompts, *light, *heavy)).split()) <= known
    with pytest.raises(SgimError, match="strength"):
        captions.strength_prompts("rain", "wet")
