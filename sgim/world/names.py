"""The names of everything that can happen in the mini world."""

WEATHER_NAMES = (
    "rain",
    "thunderstorm",
    "wind",
    "snow",
    "fog",
    "fire",
    "waves",
    "stream",
    "birds",
    "crickets",
)
"""Weathers a scene can show, in [0, 1] each; "crickets" is a night with fireflies."""

SOUND_NAMES = ("rain", "thunderstorm", "wind", "fire", "waves", "stream", "birds", "crickets")
"""Weathers that can be heard."""

CLEAR = "clear"
"""No weather at all."""

HEARD_NAMES = (*SOUND_NAMES, CLEAR)
"""What a sound can say; speech, music and engines say "clear"."""
