"""A blind study with people: which of two edits of the same scene fits a sound better?

trials (a scene, a sound, edits by several methods) -> questions -> order and sides of one rater

Some questions are attention checks, whose answer is known. The rule that excludes careless raters
is part of the study, so it is fixed before the first answer.
"""

import hashlib
import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, zip_longest

import torch

from sgim.checks import require, require_finite
from sgim.evaluation.study_order import order_of_rater

PAIR, CHECK = "pair", "check"
UNEDITED, OTHER_SOUND = "unedited", "other sound"
"""The wrong options of attention checks."""

TITLE = "Which picture fits the sound?"
ASKED = "Which of the two pictures below fits the sound better?"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One scene, one sound, and what several methods made of them.

    Parameters
    ----------
    scene, sound : str
        Names, for the answers. Raters never see them.
    source : torch.Tensor, (3, height, width) in [-1, 1]
    edits : mapping, method -> torch.Tensor, (3, height, width) in [-1, 1]
    waveform : torch.Tensor, (num_samples,) in [-1, 1]
    sample_rate : int
        In Hz.
    clear : collection of str
        Methods whose edit shows this sound beyond doubt; only these serve in attention checks.
    """

    scene: str
    sound: str
    source: torch.Tensor
    edits: Mapping[str, torch.Tensor]
    waveform: torch.Tensor
    sample_rate: int
    clear: Collection[str] = ()

    def __post_init__(self):
        where = f"The trial {self.scene!r} with {self.sound!r}"
        for name in (self.scene, self.sound, *self.edits):
            require(
                name == " ".join(name.split()) != "",
                f"{where} has the name {name!r}; names are words on one line: choose another.",
            )
        for name in self.edits:
            require(
                name not in (UNEDITED, OTHER_SOUND),
                f"{where} has a method {name!r}, as attention checks call it; choose another name.",
            )
        shape = tuple(self.source.shape)
        for name, picture in {"source": self.source, **self.edits}.items():
            require(
                picture.ndim == 3 and len(picture) == 3 and tuple(picture.shape) == shape,
                f"{where}: {name} has the shape {tuple(picture.shape)}; all pictures are "
                "(3, height, width) and alike: resize them.",
            )
            require_finite(f"{where}: {name}", picture)
        require(
            self.waveform.ndim == 1 and self.waveform.numel() > 0 and self.sample_rate > 0,
            f"{where}: waveform has the shape {tuple(self.waveform.shape)} at {self.sample_rate} "
            "Hz; it must be (num_samples,): pass one channel.",
        )
        require_finite(f"{where}: waveform", self.waveform)
        unknown = sorted(set(self.clear) - set(self.edits))
        require(
            not unknown,
            f"{where} calls {', '.join(unknown)} clear, but there is no such edit; correct it.",
        )


@dataclass(frozen=True, kw_only=True)
class Question:
    """Two pictures to choose from, `pictures` (2, 3, height, width), named by `options`.

    `known` is the option that is right in an attention check, and empty in a pair.
    """

    name: str
    trial: Trial
    options: tuple[str, str]
    pictures: torch.Tensor
    known: str = ""

    @property
    def kind(self) -> str:
        """Whether it compares methods or checks attention."""
        return CHECK if self.known else PAIR


@dataclass(frozen=True, kw_only=True)
class Study:
    """Questions, the words above them, and the rule for raters.

    A rater counts who answers at least `needed_right` attention checks right.
    """

    questions: tuple[Question, ...]
    needed_right: int
    title: str
    asked: str

    @property
    def name(self) -> str:
        """What names the study in its answers: "s" and a digest of its words and names."""
        parts = [self.title, self.asked, str(self.needed_right)]
        for one in self.questions:
            parts += [one.name, one.trial.scene, one.trial.sound, *one.options, one.known]
        return f"s{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()[:8]}"

    def shown_to(self, rater: int) -> list[tuple[Question, int]]:
        """What a rater sees: each question, and which of its two options stands on the left."""
        order = order_of_rater(rater, len(self.questions))
        return [(self.questions[place], left) for place, left in order]


def draw_study(
    trials: Sequence[Trial],
    *,
    num_pairs: int = 24,
    num_checks: int = 6,
    needed_right: int | None = None,
    alike: Iterable[tuple[str, str]] = (),
    seed: int = 0,
    title: str = TITLE,
    asked: str = ASKED,
) -> Study:
    """Draw the questions of a study.

    Parameters
    ----------
    trials : sequence of Trial
    num_pairs : int
        Comparisons, as many of each two methods as possible; all there are when there are fewer.
    num_checks : int
        Attention checks: a clear edit beside the unedited source, or beside a clear edit of the
        same scene by another sound. Of each sound those whose pictures differ most come first.
    needed_right : int
        Checks that a rater must answer right; all but one when left out.
    alike : iterable of pairs of sounds
        Too similar to be told apart in an attention check.
    seed : int
    title, asked : str
        What raters read above the questions.

    Raises
    ------
    SgimError
        When there is nothing to compare, or too few checks can be made.
    """
    require(num_pairs >= 1, f"num_pairs is {num_pairs}; a study compares: ask for 1 or more.")
    require(num_checks >= 0, f"num_checks is {num_checks}; ask for 0 or more.")
    needed_right = max(0, num_checks - 1) if needed_right is None else needed_right
    require(
        0 <= needed_right <= num_checks,
        f"needed_right is {needed_right} and there are {num_checks} checks; pass a number from 0 "
        "to that.",
    )
    places = [(trial.scene, trial.sound) for trial in trials]
    twice = next((place for place in places if places.count(place) > 1), None)
    require(
        twice is None,
        f"There are several trials of {twice}; put the edits of a scene by a sound into one.",
    )
    chance = random.Random(seed)
    drafts = [*_pairs(trials, num_pairs, chance), *_checks(trials, num_checks, alike, chance)]
    chance.shuffle(drafts)
    return Study(
        questions=tuple(
            Question(name=f"q{number:03}", **draft) for number, draft in enumerate(drafts, start=1)
        ),
        needed_right=needed_right,
        title=title,
        asked=asked,
    )


def _pairs(trials: Sequence[Trial], count: int, chance: random.Random) -> list[dict]:
    """Comparisons, one of each two methods in turn, spread over sounds and scenes.

    Pictures that look the same are left out.
    """
    by_methods: dict[tuple[str, str], list[dict]] = {}
    for trial in chance.sample(list(trials), len(trials)):
        for methods in combinations(sorted(trial.edits), 2):
            pictures = [trial.edits[method] for method in methods]
            if _difference(*pictures) > 0:
                draft = _draft(trial, methods, pictures)
                by_methods.setdefault(methods, []).append(draft)
    for place, (methods, drafts) in enumerate(by_methods.items()):
        start = place * len(drafts) // len(by_methods)
        by_methods[methods] = _sounds_in_turn(drafts[start:] + drafts[:start])
    in_turn = [draft for row in zip_longest(*by_methods.values()) for draft in row if draft]
    require(
        bool(in_turn),
        "No two edits of a trial differ; a study needs trials with edits by two or more methods.",
    )
    return in_turn[:count]


def _checks(
    trials: Sequence[Trial], count: int, alike: Iterable[tuple[str, str]], chance: random.Random
) -> list[dict]:
    """Attention checks of both kinds in turn, those with the largest difference first."""
    unedited, other_sound = [], []
    similar = {frozenset(pair) for pair in alike}
    for trial in chance.sample(list(trials), len(trials)):
        for method in sorted(set(trial.clear)):
            right, options = trial.edits[method], (method, UNEDITED)
            unedited.append(_draft(trial, options, [right, trial.source], method))
            for other in trials:
                told_apart = frozenset((trial.sound, other.sound)) not in similar
                if other.scene == trial.scene and other.sound != trial.sound and told_apart:
                    for wrong in sorted(set(other.clear)):
                        pictures = [right, other.edits[wrong]]
                        draft = _draft(trial, (method, OTHER_SOUND), pictures, method)
                        other_sound.append(draft)
    chosen = [_one_per_trial(drafts) for drafts in (unedited, other_sound)]
    in_turn = [draft for row in zip_longest(*chosen) for draft in row if draft]
    require(
        len(in_turn) >= count,
        f"{len(in_turn)} attention checks can be made, {count} are asked for; mark more edits as "
        "clear, or ask for fewer.",
    )
    return in_turn[:count]


def _one_per_trial(drafts: list[dict]) -> list[dict]:
    """The draft of each trial whose pictures differ most, the largest difference first."""
    drafts = sorted(drafts, key=lambda draft: -_difference(*draft["pictures"]))
    best: dict[tuple[str, str], dict] = {}
    for draft in drafts:
        if _difference(*draft["pictures"]) > 0:
            best.setdefault((draft["trial"].scene, draft["trial"].sound), draft)
    return _sounds_in_turn(list(best.values()))


def _sounds_in_turn(drafts: list[dict]) -> list[dict]:
    """The first draft of every sound, then the second of every sound, and so on."""
    by_sound: dict[str, list[dict]] = {}
    for draft in drafts:
        by_sound.setdefault(draft["trial"].sound, []).append(draft)
    return [draft for row in zip_longest(*by_sound.values()) for draft in row if draft]


def _draft(
    trial: Trial, options: tuple[str, str], pictures: Sequence[torch.Tensor], known: str = ""
) -> dict:
    """The arguments of a question that has no name yet."""
    stacked = torch.stack(list(pictures)).detach().cpu()
    return {"trial": trial, "options": options, "pictures": stacked, "known": known}


def _difference(first: torch.Tensor, second: torch.Tensor) -> float:
    """Mean absolute difference of two pictures in levels from 0 to 255, as a screen shows them."""
    levels = [((one.detach().float() + 1) * 127.5).round().clamp(0, 255) for one in (first, second)]
    return (levels[0].cpu() - levels[1].cpu()).abs().mean().item()
