"""Captions of the mini world.

weather, intensity, scene parameters -> `describe` -> sentence.
The strength of a weather is always in its caption: what `describe` says of one strength it never
says of another, and a caption without a strength word means a moderate one.
"""

import bisect
import random
import re
from collections.abc import Mapping, Sequence
from functools import cache

from sgim.checks import require, require_in_range, require_one_of
from sgim.world import lexicon
from sgim.world.names import CLEAR, WEATHER_NAMES
from sgim.world.places import PLACE_PREPOSITIONS, PLACES, TIMES_AND_SKIES, landscape_words

WORD_PATTERN = re.compile(r"[a-z]+")
MAX_CAPTION_WORDS = 22
JOINTS = ("{} and {}", "{} with {}", "{} together with {}", "both {} and {}")


def strength_of(intensity: float) -> str:
    """Name the strength of an intensity in [0, 1].

    Examples
    --------
    >>> strength_of(0.3), strength_of(1.0)
    ('light', 'very heavy')
    """
    require_in_range("intensity", intensity, 0.0, 1.0)
    return lexicon.STRENGTHS[bisect.bisect_right(lexicon.STRENGTH_EDGES, intensity)]


def _with_article(words: str) -> str:
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


@cache
def core_phrases(weather: str, strength: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """List everything the grammar says of one weather at one strength.

    Parameters
    ----------
    weather
        One of `WEATHER_NAMES`, or "clear".
    strength
        One of `lexicon.STRENGTHS`; ignored for "clear".

    Returns
    -------
    noun_phrases, clauses
        Such as "a light drizzle" and "it drizzles". Likelier ones are listed more than once.

    Examples
    --------
    >>> "a light drizzle" in core_phrases("rain", "light")[0]
    True
    """
    require_one_of("weather", weather, (*WEATHER_NAMES, CLEAR))
    require_one_of("strength", strength, lexicon.STRENGTHS)
    if weather == CLEAR:
        return lexicon.CLEAR_PHRASES, ("it is clear", "nothing stirs", "the weather is fair")
    words = lexicon.WEATHER_WORDS[weather]
    index = lexicon.STRENGTHS.index(strength)
    adjectives = (*words.adjectives[index], *lexicon.COMMON_ADJECTIVES[index])
    described = [
        _with_article(f"{adjective} {noun}".strip()) if noun in lexicon.COUNTABLE
        else f"{adjective} {noun}".strip()
        for adjective in adjectives
        for noun in words.nouns
    ]  # fmt: skip
    repeats = max(1, len(described) // (2 * len(words.phrases[index])))
    return (*described, *words.phrases[index] * repeats), words.clauses[index]


def _say(weather: str | None, intensity: float, rng: random.Random) -> tuple[str, bool]:
    """Return one phrase for a weather and whether it is a whole clause."""
    noun_phrases, clauses = core_phrases(weather or CLEAR, strength_of(intensity))
    if rng.random() < 0.2:
        return rng.choice(clauses), True
    return rng.choice(noun_phrases), False


def _finish(core: str, is_clause: bool, landscape: Sequence[str], rng: random.Random) -> str:
    """Put a weather's phrase into a label, picture or sound template, or into a landscape."""
    spoken = [phrase for phrase in landscape if rng.random() < 0.8]
    if not is_clause and rng.random() < 0.35:
        templates = rng.choice((lexicon.PICTURE_TEMPLATES, lexicon.SOUND_TEMPLATES, ("{} sound",)))
        core = rng.choice(templates).format(core)
    elif rng.random() < 0.15:
        spoken = []
    elif spoken and rng.random() < 0.2:
        return shorten(" ".join((*spoken, core)))
    return shorten(" ".join((core, *spoken)))


def shorten(caption: str) -> str:
    """Cut a caption to the words a tokenizer's context holds."""
    return " ".join(caption.split()[:MAX_CAPTION_WORDS])


def describe(
    weather: str | None,
    intensity: float,
    rng: random.Random,
    landscape: Mapping[str, float] | None = None,
) -> str:
    """Describe one weather of a given intensity in a caption.

    Parameters
    ----------
    weather
        One of `WEATHER_NAMES`; "clear" or None for a scene without weather.
    intensity
        In [0, 1]; it chooses one of five strengths (`lexicon.STRENGTHS`).
    rng
        Where the choices come from.
    landscape
        Scene parameters to speak of as well, see `landscape_words`.

    Raises
    ------
    SgimError
        If the weather is unknown or the intensity leaves [0, 1].

    Examples
    --------
    >>> describe("rain", 0.3, random.Random(2)) == describe("rain", 0.3, random.Random(2))
    True
    """
    core, is_clause = _say(weather, intensity, rng)
    places = landscape_words(landscape, rng, weather) if landscape else []
    return _finish(core, is_clause, places, rng)


def describe_mix(
    weathers: Sequence[tuple[str, float]],
    rng: random.Random,
    landscape: Mapping[str, float] | None = None,
) -> str:
    """Describe several weathers at once, such as "strong wind and rain over the lake".

    Parameters
    ----------
    weathers
        Pairs of name and intensity; two or three make a caption one can read.
    rng, landscape
        As for `describe`.

    Raises
    ------
    SgimError
        If the list is empty or holds what `describe` refuses.
    """
    require(len(weathers) > 0, "weathers is empty; it must hold (name, intensity) pairs: add one.")
    cores = [
        rng.choice(core_phrases(name, strength_of(intensity))[0]) for name, intensity in weathers
    ]
    rng.shuffle(cores)
    core = cores[0]
    for other in cores[1:]:
        core = rng.choice(JOINTS).format(core, other)
    places = landscape_words(landscape, rng, weathers[0][0]) if landscape else []
    return _finish(core, True, places[:1], rng)


def class_prompts(name: str) -> tuple[str, ...]:
    """List prompts that stand for a weather at any strength, for a zero-shot ensemble.

    Examples
    --------
    >>> class_prompts("rain")[:3]
    ('rain', 'the sound of rain', 'a landscape with rain')
    """
    require_one_of("name", name, (*WEATHER_NAMES, CLEAR))
    if name == CLEAR:
        return lexicon.CLEAR_PHRASES
    words = lexicon.WEATHER_WORDS[name]
    plain = words.nouns[0]
    bare = _with_article(plain) if plain in lexicon.COUNTABLE else plain
    framed = tuple(
        template.format(bare)
        for template in ("the sound of {}", "a landscape with {}", "a photo of {}", "there is {}")
    )
    phrases = tuple(phrase for strength in words.phrases for phrase in strength[:2])
    return (plain, *framed, *phrases)


def strength_prompts(name: str, strength: str) -> tuple[str, ...]:
    """List prompts for a weather at one of `lexicon.STRENGTHS`, such as "heavy".

    Examples
    --------
    >>> strength_prompts("rain", "heavy")[:2]
    ('hard rain', 'hard rainfall')
    """
    require_one_of("name", name, WEATHER_NAMES)
    return tuple(dict.fromkeys(core_phrases(name, strength)[0]))


@cache
def vocabulary() -> tuple[str, ...]:
    """List every word the grammar can say, sorted."""
    tables = (PLACES, TIMES_AND_SKIES)
    phrases = [phrase for table in tables for group in table.values() for phrase in group]
    phrases += [*PLACE_PREPOSITIONS, *lexicon.FILLERS, *JOINTS]
    phrases += [*lexicon.PICTURE_TEMPLATES, *lexicon.SOUND_TEMPLATES]
    for name in (*WEATHER_NAMES, CLEAR):
        for strength in lexicon.STRENGTHS:
            phrases += [phrase for part in core_phrases(name, strength) for phrase in part]
    return tuple(sorted(set(WORD_PATTERN.findall(" ".join(phrases)))))
