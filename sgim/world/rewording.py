"""Other words for the same caption, so that an encoder does not cling to one wording.

caption -> `augment_caption` -> caption that says the same of weather and strength.
"""

import random
from functools import cache

from sgim.checks import require
from sgim.world import lexicon
from sgim.world.captions import WORD_PATTERN, core_phrases, shorten
from sgim.world.names import CLEAR, WEATHER_NAMES


@cache
def _meaningful_words() -> frozenset[str]:
    """Words that carry weather or strength; augmentation never deletes them."""
    phrases = [
        phrase
        for name in (*WEATHER_NAMES, CLEAR)
        for strength in lexicon.STRENGTHS
        for part in core_phrases(name, strength)
        for phrase in part
    ]
    function_words = {"a", "an", "the", "of", "in", "at", "is", "it", "and", "with", "by", "on"}
    return frozenset(WORD_PATTERN.findall(" ".join(phrases))) - function_words


@cache
def _synonyms() -> dict[str, tuple[str, ...]]:
    """Map a word to the words that mean the same weather, strength, place or light."""
    groups = [
        *[[word for word in group if word.isalpha()] for group in lexicon.COMMON_ADJECTIVES],
        ("photo", "picture", "image", "photograph", "painting"),
        ("sound", "noise", "recording"),
        ("landscape", "view", "scene"),
        ("over", "above", "near", "around"),
        ("forest", "woods"),
        ("lake", "pond"),
        ("dusk", "sunset", "evening"),
        ("dawn", "sunrise"),
        ("noon", "midday"),
        ("meadow", "pasture", "plain"),
        ("under", "beneath"),
    ]
    return {word: tuple(o for o in group if o != word) for group in groups for word in group}


def augment_caption(caption: str, rng: random.Random) -> str:
    """Reword a caption without changing what it says.

    One of four changes: a synonym, a swap of two neighbors, a word that adds nothing inserted, or
    a word that carries neither weather nor strength deleted. The text augmentation of Lee et al.
    2024 ("Robust sound-guided image manipulation"), with the words protected that say what
    happens and how strongly.

    Parameters
    ----------
    caption
        A sentence of at least one word.
    rng
        Where the choices come from.

    Raises
    ------
    SgimError
        If the caption is empty.

    Examples
    --------
    >>> "rain" in augment_caption("a heavy rain", random.Random(0))
    True
    """
    words = caption.split()
    require(len(words) > 0, f"caption is {caption!r}; it must hold a word: pass a sentence.")
    change = rng.choice(("replace", "swap", "insert", "delete"))
    position = rng.randrange(len(words))
    if change == "replace":
        places = [index for index, word in enumerate(words) if _synonyms().get(word)]
        if places:
            position = rng.choice(places)
            words[position] = rng.choice(_synonyms()[words[position]])
    elif change == "swap" and len(words) > 1:
        first = rng.randrange(len(words) - 1)
        words[first], words[first + 1] = words[first + 1], words[first]
    elif change == "insert":
        words.insert(position, rng.choice(lexicon.FILLERS))
    elif change == "delete":
        idle = [index for index, word in enumerate(words) if word not in _meaningful_words()]
        if idle and len(words) > 1:
            del words[rng.choice(idle)]
    return shorten(" ".join(words))
