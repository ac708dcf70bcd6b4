"""The tokenizer reads what people type, and names what it does not know."""

import warnings

import pytest
import torch

from sgim.checks import SgimError
from sgim.world.tokenizer import WordTokenizer

USER_PROMPTS = (
    "heavy rain",
    "the sound of rain",
    "a photo of a storm",
    "fire crackling",
    "crackling fire",
    "sea waves",
    "running water",
    "crickets at night",
    "birdsong",
    "chirping birds",
    "howling wind",
    "blizzard",
    "a light drizzle over the lake",
    "a violent thunderstorm above rocky peaks",
    "rain and strong wind",
    "birds over the sea waves",
    "A picture of THUNDERSTORMS!",
)


def test_ids_are_padding_start_words_and_the_highest_is_the_end():
    tokenizer = WordTokenizer(context_length=10)
    ids = tokenizer(["heavy rain", "Rain, heavy!"])
    assert ids.shape == (2, 10) and ids.dtype == torch.int64
    assert ids[0, 0] == 1 and ids[0, 4:].sum() == 0
    assert ids[0].argmax() == 3 and ids[0].max() == tokenizer.vocab_size - 1
    assert ids[0, 1] == ids[1, 2] and ids[0, 2] == ids[1, 1]


def test_a_long_sentence_is_cut_with_a_warning_and_still_ends():
    tokenizer = WordTokenizer(context_length=6)
    with pytest.warns(UserWarning, match="6 known words and .* reads 4; left out: 'and fire'"):
        ids = tokenizer(["rain rain rain rain and fire"])[0].tolist()
    assert ids[-1] == tokenizer.end_id
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tokenizer(["rain rain rain rain"])


def test_prompts_people_type_are_understood_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        WordTokenizer()(list(USER_PROMPTS))


def test_unknown_words_are_named_in_a_warning_and_left_out():
    tokenizer = WordTokenizer()
    with pytest.warns(UserWarning, match="'trombone'") as caught:
        ids = tokenizer(["heavy rain with trombone and stormi"])
    assert len(caught) == 1 and "'stormy'" in str(caught[0].message)
    assert torch.equal(ids, tokenizer(["heavy rain with and"]))


def test_sentences_without_a_known_word_are_refused():
    tokenizer = WordTokenizer()
    with pytest.raises(SgimError, match="trombone"):
        tokenizer(["trombone solo"])
    for bad in ("", "   ", 3, None):
        with pytest.raises(SgimError, match="text is"):
            tokenizer([bad])
    for bad in ("rain", []):
        with pytest.raises(SgimError, match="list of strings"):
            tokenizer(bad)
    with pytest.raises(SgimError, match="context_length"):
        WordTokenizer(context_length=2)
