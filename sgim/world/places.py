"""Where a scene plays and in which light, in words.

scene parameters -> `landscape_words` -> phrases that follow a weather in a caption.
"""

import random
from collections.abc import Mapping

from sgim.world import lexicon


def _place_kinds(parameters: Mapping[str, float]) -> list[str]:
    kinds = []
    if "water" in parameters:
        kinds.append("water" if parameters["water"] > 0.5 else "dry")
    height = parameters.get("ridge_height")
    if height is not None and abs(height - 0.5) > 0.1:
        kinds.append("mountains" if height > 0.5 else "hills")
    trees = parameters.get("trees", 0.5)
    if abs(trees - 0.5) > 0.15:
        kinds.append("trees" if trees > 0.5 else "bare")
    return kinds


def _extreme(table: Mapping, parameters: Mapping, name: str, low: str, high: str) -> tuple:
    """Return the phrases of a parameter that is clearly low or high, else none."""
    value = parameters.get(name, 0.5)
    if value < 0.35:
        return table.get(low, ())
    return table.get(high, ()) if value > 0.65 else ()


def landscape_words(
    parameters: Mapping[str, float], rng: random.Random, weather: str | None = None
) -> list[str]:
    """Say where and in which light a scene plays, as phrases that can follow a weather.

    Parameters
    ----------
    parameters
        Scene parameters in [0, 1]; the ones known are "water", "ridge_height", "trees",
        "sun_height", "warmth", "cloud_cover" and "horizon". Others are passed over, absent ones
        are not spoken of, and middling values seldom are.
    rng
        Where the choices come from.
    weather
        What the scene shows: a night gets no noon, a sea no lake, a downpour no blue sky.

    Returns
    -------
    list of str
        At most three phrases: place, light, sky or horizon.

    Examples
    --------
    >>> landscape_words({"water": 0.9}, random.Random(3))[0].split()[-1] in "lake pond water"
    True
    """
    kinds = _place_kinds(parameters)
    if weather in ("waves", "stream"):
        kinds = [kind for kind in kinds if kind not in ("water", "dry")]
    phrases = []
    if kinds:
        preposition = rng.choice(lexicon.PLACE_PREPOSITIONS)
        phrases.append(f"{preposition} {rng.choice(lexicon.PLACES[rng.choice(kinds)])}")
    lights = _extreme(lexicon.LIGHTS, parameters, "sun_height", "low", "high")
    tints = _extreme(lexicon.LIGHTS, parameters, "warmth", "cold", "warm")
    if (lights or tints) and weather not in ("crickets", "thunderstorm"):
        phrases.append(rng.choice(rng.choice([some for some in (lights, tints) if some])))
    skies = _extreme(lexicon.SKIES, parameters, "cloud_cover", "open", "cloudy")
    if weather in ("rain", "thunderstorm", "snow", "fog", "crickets"):
        skies = ()
    horizons = _extreme(lexicon.HORIZONS, parameters, "horizon", "low", "high")
    if skies or horizons:
        phrases.append(rng.choice(rng.choice([some for some in (skies, horizons) if some])))
    return phrases
