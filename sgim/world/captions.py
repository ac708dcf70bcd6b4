"""Captions of the mini world and the tokenizer that reads them.

weather, intensity, scene parameters -> `describe` -> sentence -> `WordTokenizer` -> token ids.
The strength of a weather is always in its caption: what `describe` says of one strength it never
says of another, and a caption without a strength word means a moderate one.
"""

import bisect
import difflib
import random
import re
import warnings
from collections.abc import Mapping, Sequence
from functools import cache

import torch

from sgim.checks import SgimError, require, require_in_range, require_one_of
from sgim.world import lexicon
from sgim.world.names import CLEAR, WEATHER_NAMES
from sgim.world.places import landscape_words

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
    tables = (lexicon.PLACES, lexicon.TIMES_AND_SKIES)
    phrases = [phrase for table in tables for group in table.values() for phrase in group]
    phrases += [*lexicon.PLACE_PREPOSITIONS, *lexicon.FILLERS, *JOINTS]
    phrases += [*lexicon.PICTURE_TEMPLATES, *lexicon.SOUND_TEMPLATES]
    for name in (*WEATHER_NAMES, CLEAR):
        for strength in lexicon.STRENGTHS:
            phrases += [phrase for part in core_phrases(name, strength) for phrase in part]
    return tuple(sorted(set(WORD_PATTERN.findall(" ".join(phrases)))))


class WordTokenizer:
    """Turn sentences into token ids, one word a token.

    The vocabulary is the grammar's, so it needs no file. Ids: 0 padding, 1 start, then the words
    in alphabetical order, and the end as the highest id, because open_clip's text tower reads its
    result at the largest id. Sentences are lower-cased and lose their punctuation. A word outside
    the vocabulary is taken for its plural, singular or -ing form where that is inside; else it is
    left out with a warning that names it.

    Parameters
    ----------
    context_length
        Ids per sentence, start and end included; longer sentences are cut.

    Examples
    --------
    >>> tokenizer = WordTokenizer()
    >>> tokenizer(["heavy rain"]).shape
    torch.Size([1, 24])
    """

    def __init__(self, context_length: int = MAX_CAPTION_WORDS + 2):
        require(
            context_length >= 3,
            f"context_length is {context_length!r}; it must be at least 3: start, word, end.",
        )
        self.context_length = context_length
        self.words = vocabulary()
        self._ids = {word: index for index, word in enumerate(self.words, start=2)}
        self.end_id = len(self.words) + 2
        self.vocab_size = self.end_id + 1

    def _find(self, word: str) -> int | None:
        """Return the id of a word or of its plural, singular or -ing form."""
        forms = (word, f"{word}s", word.removesuffix("s"), word.removesuffix("es"))
        for form in (*forms, f"{word}ing", word.removesuffix("ing")):
            if form in self._ids:
                return self._ids[form]
        return None

    def _warn_unknown(self, unknown: Sequence[str], sentence: str) -> None:
        near = [
            f"{word!r} -> {', '.join(map(repr, matches))}"
            for word in unknown
            if (matches := difflib.get_close_matches(word, self.words, n=2, cutoff=0.6))
        ]
        hint = f"; known words that look alike: {'; '.join(near)}" if near else ""
        names = ", ".join(map(repr, unknown))
        warnings.warn(
            f"{sentence!r} has words the text tower never learned, they are left out: "
            f"{names}{hint}.",
            UserWarning,
            stacklevel=4,
        )

    def encode(self, sentence: str) -> list[int]:
        """Return the ids of one sentence, start and end included, without padding.

        Raises
        ------
        SgimError
            If it is not a string, has no words, or none that is known.
        """
        require(
            isinstance(sentence, str) and bool(sentence.strip()),
            f"text is {sentence!r}; it must be a sentence such as 'heavy rain': pass a string.",
        )
        spoken = list(WORD_PATTERN.findall(sentence.lower()))
        found = [(word, self._find(word)) for word in spoken]
        ids = [index for _, index in found if index is not None]
        if not ids:
            raise SgimError(
                f"text is {sentence!r}; none of its words is known here: say it with words such "
                f"as {', '.join(WEATHER_NAMES)}."
            )
        unknown = [word for word, index in found if index is None]
        if unknown:
            self._warn_unknown(unknown, sentence)
        return [1, *ids[: self.context_length - 2], self.end_id]

    def __call__(self, sentences: Sequence[str]) -> torch.Tensor:
        """Return the ids of several sentences.

        Returns
        -------
        Tensor
            int64, (batch, context_length), padded with 0.

        Raises
        ------
        SgimError
            If `sentences` is a single string or empty, or one of them is refused by `encode`.
        """
        require(
            not isinstance(sentences, str) and len(sentences) > 0,
            f"sentences is {sentences!r}; it must be a list of strings: pass ['heavy rain'].",
        )
        ids = torch.zeros(len(sentences), self.context_length, dtype=torch.long)
        for row, sentence in zip(ids, sentences, strict=True):
            encoded = self.encode(sentence)
            row[: len(encoded)] = torch.tensor(encoded)
        return ids
