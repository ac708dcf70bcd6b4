"""Where the numbers of a page come from, as a table in Markdown.

`provenance` as a JSON file keeps it, or nothing -> command, seeds, versions, machine, date
"""

from collections.abc import Mapping, Sequence

NOT_RECORDED = "not recorded"
BUSY = 1.0
"""Load, in programs that want a core, from which seconds are not those of an idle machine."""


def provenance_table(results: Mapping, *, seeds: Mapping | None = None) -> str:
    """The table for the results of one file; what the file lacks is "not recorded".

    Parameters
    ----------
    results : mapping
        What the file holds; `made` is what `provenance` told, and perhaps a `note` that somebody
        wrote into the file: what a reader has to know of this run.
    seeds : mapping, what is drawn -> its seed or seeds
        Where `made` is missing and the file tells them elsewhere.
    """
    made = results.get("made", {})
    seeds = made.get("seeds", seeds)
    rows = {
        "command": f"`{made['command']}`" if "command" in made else NOT_RECORDED,
        "seeds": _seeds_in_words(seeds) if seeds else NOT_RECORDED,
        "versions": ", ".join(f"{name} {number}" for name, number in made["versions"].items())
        if "versions" in made
        else NOT_RECORDED,
        "machine": _machine_in_words(**made["machine"]) if "machine" in made else NOT_RECORDED,
        "date": made.get("date", NOT_RECORDED),
    }
    if "note" in made:
        rows["note"] = made["note"]
    return "\n".join(
        ["| | |", "|---|---|", *(f"| {name} | {told} |" for name, told in rows.items())]
    )


def _machine_in_words(processor: str, cores: int, load: float | None) -> str:
    told = f"{processor}, {cores} cores"
    if load is None:
        return told
    busy = ", so it was busy and all seconds are too long" if load >= BUSY else ""
    return f"{told}; load of other programs at the start: {load:g}{busy}"


def _seeds_in_words(seeds: Mapping) -> str:
    """Such as "scenes 500–515, sounds 77 and 78"."""
    return "; ".join(f"{what}: {_numbers_in_words(number)}" for what, number in seeds.items())


def _numbers_in_words(numbers: int | Sequence[int]) -> str:
    if isinstance(numbers, int):
        return str(numbers)
    first, last = numbers[0], numbers[-1]
    if len(numbers) > 2 and list(numbers) == list(range(first, last + 1)):
        return f"{first}–{last}"
    return ", ".join(map(str, numbers))
