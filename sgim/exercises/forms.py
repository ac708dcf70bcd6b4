"""Checks of what a reader writes about an experiment: whether it is complete, not how good it is.

texts -> `Report`; one changed setting and texts -> `Report`
"""

import dataclasses
import re
from collections.abc import Mapping, Sequence

from sgim.checks import SgimError
from sgim.exercises.reports import Findings, Unanswerable, reported

FIELDS = {
    "prediction": "what you expect to see, and why, before you have seen it",
    "seen": "what came out, with numbers",
    "why": "a cause that could be wrong",
    "next": "the run that would show whether the cause is right",
}
"""Entries of a report, and what each of them tells."""

FEWEST_WORDS = 8
FEWEST_DIFFERENT = 6


@reported("form of the report")
def check_report(findings: Findings, report: object) -> None:
    """Check a dictionary with the texts "prediction", "seen", "why" and "next"."""
    _check_texts(findings, _texts(report))


@reported("form of the experiment")
def check_experiment(
    findings: Findings,
    change: object,
    report: object,
    config: object,
    among: Sequence[str] = (),
) -> None:
    """Check one changed setting, and the report of what it did.

    Parameters
    ----------
    change : dict
        Name of a setting -> its new value.
    report : dict
        The same as for `check_report`.
    config : dataclass
        The settings that it is compared with.
    among : sequence of str
        Settings that may be changed; all of them where left out.
    """
    texts = _texts(report)
    check_change(findings, change, config, among)
    _check_texts(findings, texts)


def _settings_of(config: object) -> list[str]:
    return [one.name for one in dataclasses.fields(config)]


def check_change(
    findings: Findings, change: object, config: object, among: Sequence[str] = ()
) -> None:
    """Raise `Unanswerable` unless one setting of `config` gets another value that it takes."""
    among = among or _settings_of(config)
    if not isinstance(change, Mapping):
        raise Unanswerable(
            "my_change is no dictionary; write the name of a setting in quotation marks, a colon, "
            "and its new value, all between { and }."
        )
    if not change:
        raise Unanswerable(
            f"my_change is empty: choose one of {', '.join(among)}, and give it another value."
        )
    strange = [str(name) for name in change if name not in among]
    if strange:
        raise Unanswerable(
            f"my_change names {strange[0]}; for this experiment choose one of {', '.join(among)}."
        )
    if len(change) > 1:
        raise Unanswerable(
            f"my_change has {len(change)} settings. When two things change at once, nobody can "
            "tell which of them did it: change one."
        )
    ((name, value),) = change.items()
    if value == getattr(config, name):
        raise Unanswerable(f"{name} has this value already: there is nothing to compare.")
    try:
        dataclasses.replace(config, **change)
    except (SgimError, TypeError) as refusal:
        raise Unanswerable(f"The package refuses this value: {refusal}") from refusal
    findings.that("one setting is changed, and nothing else", True, "")


def _texts(report: object) -> dict[str, str]:
    """The entries of a report; raises `Unanswerable` where it is empty or has another form."""
    if not isinstance(report, Mapping):
        raise Unanswerable(
            f"my_report is no dictionary; keep its {len(FIELDS)} entries, and write between the "
            "quotation marks."
        )
    for name in FIELDS:
        if not isinstance(report.get(name), str):
            raise Unanswerable(f'my_report has no text under "{name}": it tells {FIELDS[name]}.')
    texts = {name: " ".join(report[name].split()) for name in FIELDS}
    if not any(texts.values()):
        raise Unanswerable(
            "my_report is empty: write the prediction first, then make the experiment, then fill "
            "in the other entries."
        )
    return texts


def _check_texts(findings: Findings, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        words = re.findall(r"\w+", text.lower())
        findings.that(
            f'"{name}" is told',
            len(words) >= FEWEST_WORDS and len(set(words)) >= FEWEST_DIFFERENT,
            f'"{name}" is too short to be understood by somebody else: write a whole sentence that '
            f"tells {FIELDS[name]}.",
        )
    findings.that(
        "numbers are given",
        bool(re.search(r"\d", texts["seen"])),
        '"seen" has no number: what was measured, and what is it compared with?',
    )
    told = [text.lower() for text in texts.values() if text]
    findings.that(
        "every entry tells something of its own",
        len(set(told)) == len(told),
        "Two entries are the same text. A prediction that is copied from the result was not made "
        "before it, and a cause is not what was seen.",
    )
