"""The tokenizer that reads captions: sentence -> `WordTokenizer` -> token ids."""

import difflib
import warnings
from collections.abc import Sequence

import torch

from sgim.checks import SgimError, require
from sgim.world.captions import MAX_CAPTION_WORDS, WORD_PATTERN, vocabulary
from sgim.world.names import WEATHER_NAMES


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
        Ids per sentence, start and end included; longer sentences are cut, with a warning.

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

    def known_word(self, word: str) -> str | None:
        """The word of the vocabulary that a word is taken for, None where there is none.

        Examples
        --------
        >>> tokenizer = WordTokenizer()
        >>> tokenizer.known_word("wave"), tokenizer.known_word("rooster")
        ('waves', None)
        """
        index = self._find(word)
        return None if index is None else self.words[index - 2]

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
        most = self.context_length - 2
        if len(ids) > most:
            known = [word for word, index in found if index is not None]
            warnings.warn(
                f"{sentence!r} has {len(ids)} known words and the text tower reads {most}; left "
                f"out: {' '.join(known[most:])!r}.",
                UserWarning,
                stacklevel=3,
            )
        return [1, *ids[:most], self.end_id]

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
