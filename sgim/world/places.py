"""Where a scene plays and in which light, in words.

scene parameters -> `landscape_words` -> phrases that follow a weather in a caption.
"""

import random
from collections.abc import Mapping

PLACES = {
    "water high": ("the lake", "a lake", "the pond", "the still water", "a mirror lake"),
    "water low": ("the meadow", "a meadow", "the fields", "the grass", "a pasture", "the plain"),
    "ridge_height high": ("the mountains", "rocky peaks", "steep mountains", "the high ridge"),
    "ridge_height low": ("the hills", "low hills", "the lowland", "rolling hills", "the valley"),
    "snowcaps high": ("white summits", "icy summits"),
    "trees high": ("the forest", "the woods", "tall trees", "a wooded slope"),
    "trees low": ("bare land", "treeless land", "a bare slope"),
    "conifers high": ("pine trees", "the firs", "the pines"),
    "conifers low": ("leafy trees", "the birches", "green treetops"),
}
"""Place names by the scene parameter they speak of."""

PLACE_PREPOSITIONS = ("over", "above", "at", "near", "around")

TIMES_AND_SKIES = {
    "sun_height low": ("at dawn", "at dusk", "at sunset", "at sunrise", "in the evening"),
    "sun_height high": ("at noon", "at midday", "in bright daylight", "during the day"),
    "warmth high": ("in golden light", "in warm light", "in orange light", "in a warm glow"),
    "warmth low": ("in cold light", "in pale blue light", "in cool light"),
    "season high": ("in autumn", "in fall colors", "on brown autumn land"),
    "flowers high": ("among flowers", "with blossoms", "with wild flowers"),
    "cloud_cover high": ("under a cloudy sky", "under many clouds", "beneath an overcast sky"),
    "cloud_cover low": ("under an open sky", "beneath a blue sky", "under a cloudless sky"),
    "horizon low": ("with a high horizon", "seen from above"),
    "horizon high": ("with a low horizon", "under a wide sky"),
}
"""Light, season and sky by the scene parameter they speak of (the horizon counts from the top)."""

LIMITS = {
    "horizon": (0.51, 0.62),
    "ridge_height": (0.35, 0.65),
    "snowcaps": (0.0, 0.7),
    "trees": (0.3, 0.6),
    "conifers": (0.35, 0.65),
    "season": (0.0, 0.5),
    "flowers": (0.0, 0.6),
    "water": (0.15, 0.4),
    "sun_height": (0.3, 0.65),
    "warmth": (0.3, 0.65),
    "cloud_cover": (0.2, 0.6),
}
"""Values under and over which a scene parameter is worth a word."""

DAYLESS = ("crickets", "thunderstorm")
SKYLESS = ("rain", "thunderstorm", "snow", "fog", "crickets")
WATERY = ("waves", "stream")


def _side(parameters: Mapping[str, float], name: str) -> str:
    """Return "low", "high", or "" for a parameter that is middling or absent."""
    if name not in parameters:
        return ""
    low, high = LIMITS[name]
    return "low" if parameters[name] < low else "high" if parameters[name] > high else ""


def true_facts(parameters: Mapping[str, float]) -> frozenset[str]:
    """Everything that may truly be said of a landscape, such as "water high" or "season high"."""
    sides = ((name, _side(parameters, name)) for name in LIMITS)
    return frozenset(f"{name} {side}" for name, side in sides if side)


def _place_kinds(parameters: Mapping[str, float], weather: str | None) -> list[str]:
    """List the kinds of places the scene shows, keys of `PLACES`."""
    kinds = []
    for name in ("water", "ridge_height", "trees"):
        side = _side(parameters, name)
        if side and not (name == "water" and weather in WATERY):
            kinds.append(f"{name} {side}")
    if _side(parameters, "snowcaps") and "ridge_height high" in kinds and weather != "snow":
        kinds.append("snowcaps high")
    if "trees high" in kinds and _side(parameters, "conifers"):
        kinds.append(f"conifers {_side(parameters, 'conifers')}")
    return kinds


def _one_of(sides: tuple[str, ...], rng: random.Random) -> list[str]:
    """Choose a phrase for one of the named sides that have phrases; none gives an empty list."""
    known = [side for side in sides if side in TIMES_AND_SKIES]
    return [rng.choice(TIMES_AND_SKIES[rng.choice(known)])] if known else []


def landscape_words(
    parameters: Mapping[str, float], rng: random.Random, weather: str | None = None
) -> list[str]:
    """Say where and in which light a scene plays, as phrases that can follow a weather.

    Parameters
    ----------
    parameters
        Scene parameters as `SceneGenerator.scene_parameters` gives them, as plain numbers; the
        ones of `LIMITS` are spoken of where they are low or high, others are passed over.
    rng
        Where the choices come from.
    weather
        What the scene shows: a night gets no noon, a sea no lake, a downpour no blue sky.

    Returns
    -------
    list of str
        At most three phrases: a place, a light or season, a sky or horizon.

    Examples
    --------
    >>> landscape_words({"water": 0.9}, random.Random(3))[0].split()[-1] in "lake pond water"
    True
    """
    kinds = _place_kinds(parameters, weather)
    phrases = []
    if kinds:
        preposition = rng.choice(PLACE_PREPOSITIONS)
        phrases.append(f"{preposition} {rng.choice(PLACES[rng.choice(kinds)])}")
    lights = () if weather in DAYLESS else ("sun_height", "warmth")
    skies = () if weather in SKYLESS else ("cloud_cover",)
    seasons = () if weather == "snow" else ("season", "flowers")
    for names in ((*lights, *seasons), (*skies, "horizon")):
        sides = tuple(f"{name} {_side(parameters, name)}" for name in names)
        phrases += _one_of(sides, rng)
    return phrases
