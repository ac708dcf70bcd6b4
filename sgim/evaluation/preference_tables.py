"""What people preferred, in Markdown.

`PreferenceAnalysis` -> tables and sentences
"""

from sgim.evaluation.preference_analysis import Preference, PreferenceAnalysis, Rank

NONE = "–"


def to_markdown(analysis: PreferenceAnalysis) -> str:
    """Raters, shares, ranking and what the numbers mean."""
    return "\n\n".join([_raters(analysis), _preferences(analysis), _ranking(analysis), NOTES])


def _raters(analysis: PreferenceAnalysis) -> str:
    left = f"{_percent(analysis.left_share)} ({_percents(analysis.left_interval)})"
    sentences = [
        f"{_raters_count(len(analysis.raters))} counted, {len(analysis.excluded)} excluded. The "
        f"study's rule: at least {analysis.needed_right} attention checks right.",
        f"The left picture was chosen in {left} of the comparisons.",
    ]
    for rater, right in analysis.excluded.items():
        sentences.append(f"Rater {rater} is excluded with {right} right.")
    return "\n".join(sentences)


def _raters_count(count: int) -> str:
    return "1 rater is" if count == 1 else f"{count} raters are"


def _preferences(analysis: PreferenceAnalysis) -> str:
    head = [
        "| preferred | to | share | Wilson¹ | over raters² | answers | agreement³ |",
        "|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *map(_preference_row, analysis.preferences)])


def _preference_row(one: Preference) -> str:
    agreement = NONE if one.agreement is None else f"{one.agreement:.2f}"
    over = _percents(one.over_raters) if one.over_raters else NONE
    return (
        f"| {one.first} | {one.second} | {_percent(one.share)} | {_percents(one.interval)} | "
        f"{over} | {one.answers} | {agreement} |"
    )


def _ranking(analysis: PreferenceAnalysis) -> str:
    head = [
        "| rank | method | strength⁴ | over raters² | preferred to the others⁵ |",
        "|---|---|---|---|---|",
    ]
    rows = [_rank_row(place, rank) for place, rank in enumerate(analysis.ranking, start=1)]
    return "\n".join([*head, *rows])


def _rank_row(place: int, rank: Rank) -> str:
    over = f"{rank.interval[0]:+.2f} to {rank.interval[1]:+.2f}" if rank.interval else NONE
    return f"| {place} | {rank.method} | {rank.strength:+.2f} | {over} | {_percent(rank.beats)} |"


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _percents(interval: tuple[float, float]) -> str:
    return f"{interval[0]:.0%}–{interval[1]:.0%}"


NOTES = (
    "¹ 95 % interval of Wilson, as if all answers were independent. ² 95 % interval by bootstrap "
    "over raters; read the wider of the two, for with few raters, or with raters who all say the "
    "same, the bootstrap is too narrow. ³ Krippendorff's alpha: 1 when all raters choose alike in "
    "every question, 0 when they agree no more than chance. ⁴ Bradley and Terry: the difference of "
    "two strengths is the logarithm of the odds of a preference; the mean is 0. ⁵ Expected share, "
    "every other method equally often."
)
