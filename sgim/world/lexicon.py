"""The words of the mini world: what each weather is called, from barely there to violent.

Data only: lexicon -> captions. Every weather has five strengths (`STRENGTHS`), and what is said
of one strength is never said of another. The middle one often carries no strength word at all.
The words for land and light stand in `sgim.world.places`.
"""

from dataclasses import dataclass

STRENGTHS = ("very light", "light", "moderate", "heavy", "very heavy")
"""Names of the five strengths a caption can express."""

STRENGTH_EDGES = (0.2, 0.4, 0.68, 0.86)
"""Intensities at which one strength passes into the next."""

COMMON_ADJECTIVES = (
    ("very light", "very faint", "very weak", "barely noticeable"),
    ("light", "weak", "gentle", "mild", "slight"),
    ("", "", "", "moderate", "ordinary"),
    ("heavy", "strong", "intense", "powerful"),
    ("very heavy", "very strong", "extreme", "massive", "overwhelming"),
)
"""Adjectives that fit any weather, one tuple per strength."""


@dataclass(frozen=True, kw_only=True)
class WeatherWords:
    """What can be said about one weather; every field but `nouns` has one tuple per strength.

    Attributes
    ----------
    nouns
        Plain names; any adjective may stand before them.
    adjectives
        Adjectives of this weather alone.
    phrases
        Whole noun phrases that need no adjective.
    clauses
        Whole statements.
    """

    nouns: tuple[str, ...]
    adjectives: tuple[tuple[str, ...], ...]
    phrases: tuple[tuple[str, ...], ...]
    clauses: tuple[tuple[str, ...], ...]


WEATHER_WORDS = {
    "rain": WeatherWords(
        nouns=("rain", "rain", "rain", "rainfall", "falling rain"),
        adjectives=(
            ("sparse", "faint"),
            ("soft", "fine"),
            ("",),
            ("hard", "dense"),
            ("torrential",),
        ),
        phrases=(
            ("a few raindrops", "a faint drizzle", "a hint of rain"),
            ("a light drizzle", "a drizzle", "a soft shower", "drizzling rain"),
            ("rain showers", "a rain shower", "rainy weather", "a rainy day", "steady rain"),
            ("pouring rain", "a heavy shower", "pelting rain", "a rainstorm"),
            ("a downpour", "a torrential downpour", "a cloudburst", "a deluge of rain"),
        ),
        clauses=(
            ("a few drops fall", "it hardly rains"),
            ("it drizzles", "it is drizzling", "it rains a little"),
            ("it is raining", "rain is falling", "rain falls", "it rains"),
            ("it rains hard", "rain is pouring", "rain pelts down"),
            ("rain pours down in sheets", "it is raining cats and dogs"),
        ),
    ),
    "thunderstorm": WeatherWords(
        nouns=("thunderstorm", "thunderstorm", "storm", "thunder", "thunder and lightning"),
        adjectives=(("distant",), ("small", "mumbling"), ("",), ("fierce", "loud"), ("violent",)),
        phrases=(
            ("faraway thunder", "a faint rumble of thunder", "a far flash of lightning"),
            ("a light thunderstorm", "low rumbling thunder", "a brewing storm"),
            ("a storm with lightning", "stormy weather", "a thunderstorm with lightning"),
            ("a heavy thunderstorm", "crashing thunder", "a fierce electrical storm"),
            ("a violent thunderstorm", "a raging thunderstorm", "deafening thunder and lightning"),
        ),
        clauses=(
            ("thunder mumbles far away", "a storm is far away"),
            ("thunder grumbles softly", "a storm is brewing"),
            ("it thunders", "lightning flashes", "thunder rolls"),
            ("thunder crashes", "lightning strikes hard"),
            ("a storm rages with violent lightning", "lightning tears the sky apart"),
        ),
    ),
    "wind": WeatherWords(
        nouns=("wind", "wind", "wind", "blowing wind", "wind noise"),
        adjectives=(("faint",), ("soft",), ("",), ("howling", "gusty"), ("stormy", "violent")),
        phrases=(
            ("a breath of air", "hardly any wind", "a faint breeze"),
            ("a light breeze", "a breeze", "a soft breeze"),
            ("a fresh wind", "windy weather", "a windy day", "gusts of wind"),
            ("howling wind", "strong gusts", "a stiff gale"),
            ("a gale", "a hurricane", "a windstorm", "a roaring gale", "tearing wind"),
        ),
        clauses=(
            ("the air hardly moves", "a breath of air stirs"),
            ("a breeze blows", "a breeze whispers"),
            ("the wind blows", "it is windy", "wind is blowing"),
            ("the wind howls", "trees bend in the wind"),
            ("a gale tears at the trees", "a hurricane roars"),
        ),
    ),
    "snow": WeatherWords(
        nouns=("snow", "snow", "snowfall", "falling snow"),
        adjectives=(("sparse", "thin"), ("soft",), ("",), ("thick", "dense"), ("blinding",)),
        phrases=(
            ("a few snowflakes", "a dusting of snow", "a hint of snow"),
            ("a snow flurry", "light flurries", "a soft snowfall"),
            ("a snowy landscape", "a snowy day", "winter snow", "snowy weather"),
            ("thick snowfall", "deep snow", "a heavy snow shower"),
            ("a blizzard", "a snowstorm", "a whiteout", "a raging blizzard"),
        ),
        clauses=(
            ("a few flakes fall", "it hardly snows"),
            ("it snows a little", "flurries drift down"),
            ("it is snowing", "snow is falling", "it snows"),
            ("it snows hard", "thick flakes fall"),
            ("a blizzard rages", "snow buries everything"),
        ),
    ),
    "fog": WeatherWords(
        nouns=("fog", "fog", "mist", "drifting fog"),
        adjectives=(("faint",), ("thin",), ("",), ("thick", "dense"), ("impenetrable",)),
        phrases=(
            ("a trace of haze", "a hint of mist"),
            ("a veil of mist", "thin haze", "a light haze"),
            ("a foggy day", "foggy weather", "misty weather", "a foggy landscape"),
            ("thick fog", "a bank of fog", "dense fog"),
            ("a wall of fog", "fog as thick as soup", "an impenetrable grey fog"),
        ),
        clauses=(
            ("the air is barely hazy",),
            ("mist hangs in the air", "it is a little hazy"),
            ("it is foggy", "fog drifts by", "it is misty"),
            ("fog covers the land", "fog hides the hills"),
            ("fog swallows everything", "nothing is visible in the fog"),
        ),
    ),
    "fire": WeatherWords(
        nouns=("fire", "fire", "crackling fire", "flames", "burning fire"),
        adjectives=(("tiny",), ("small",), ("",), ("big", "hot"), ("huge", "raging")),
        phrases=(
            ("glowing embers", "a tiny flame", "a flickering spark"),
            ("a campfire", "a small campfire", "a little bonfire"),
            ("fire crackling", "a burning fire", "crackling flames", "fire and smoke"),
            ("a blaze", "a blazing fire", "leaping flames", "a big bonfire"),
            ("an inferno", "a wildfire", "a forest fire", "a roaring inferno"),
        ),
        clauses=(
            ("embers glow", "a spark flickers"),
            ("a campfire crackles", "a small fire burns"),
            ("a fire crackles", "a fire is burning", "a fire burns"),
            ("flames leap high", "a fire blazes"),
            ("everything is on fire", "a wildfire rages", "an inferno roars"),
        ),
    ),
    "waves": WeatherWords(
        nouns=("waves", "sea waves", "ocean waves", "sea waves", "breaking waves"),
        adjectives=(("tiny",), ("small", "soft"), ("",), ("high", "big"), ("huge", "towering")),
        phrases=(
            ("ripples on the sea", "a calm sea", "tiny ripples"),
            ("lapping waves", "a gentle swell", "small waves at the shore"),
            ("the sea", "waves at the beach", "surf at the coast", "the ocean", "rolling waves"),
            ("crashing waves", "a rough sea", "high surf", "big breakers"),
            ("a raging sea", "towering breakers", "giant waves", "a stormy ocean"),
        ),
        clauses=(
            ("the sea barely moves", "ripples touch the shore"),
            ("waves lap the shore", "the sea swells softly"),
            ("waves roll in", "waves break on the beach", "waves are breaking"),
            ("waves crash on the shore", "the sea is rough"),
            ("giant waves pound the coast", "the sea rages"),
        ),
    ),
    "stream": WeatherWords(
        nouns=("running water", "stream", "flowing water", "stream", "river", "water"),
        adjectives=(
            ("tiny", "trickling"),
            ("small", "quiet"),
            ("",),
            ("fast", "wild"),
            ("raging",),
        ),
        phrases=(
            ("a trickle", "a trickle of water", "a tiny rivulet"),
            ("a small brook", "a quiet creek", "a little brook"),
            ("a stream", "a babbling stream", "a running stream", "a flowing river"),
            ("a rushing stream", "a fast river", "rushing water", "rapids"),
            ("a waterfall", "a raging river", "a roaring torrent", "thundering rapids"),
        ),
        clauses=(
            ("water trickles", "a few drops of water trickle by"),
            ("a brook murmurs", "a creek flows quietly"),
            ("water is running", "water flows by", "a stream flows by"),
            ("water rushes by", "a wild river rushes"),
            ("a torrent roars by", "a waterfall roars"),
        ),
    ),
    "birds": WeatherWords(
        nouns=("birds", "birdsong", "chirping birds", "singing birds", "bird calls"),
        adjectives=(("lonely",), ("quiet",), ("",), ("lively", "loud"), ("deafening",)),
        phrases=(
            ("a single bird", "one lonely bird", "a lone bird call"),
            ("a few birds", "two or three birds", "soft birdsong"),
            ("birds in the sky", "birds flying", "birds singing", "birdsong", "bird song"),
            ("a flock of birds", "lively birdsong", "many birds"),
            ("a huge flock of birds", "a sky full of birds", "countless birds"),
        ),
        clauses=(
            ("one bird calls", "a single bird flies by"),
            ("a few birds chirp", "a few birds fly by"),
            ("birds are singing", "birds chirp", "birds fly by", "birds sing"),
            ("many birds sing", "a flock flies by"),
            ("birds fill the whole sky", "countless birds sing together"),
        ),
    ),
    "crickets": WeatherWords(
        nouns=("crickets", "crickets at night", "chirping crickets", "cricket sounds"),
        adjectives=(("lonely",), ("quiet",), ("",), ("loud", "shrill"), ("deafening",)),
        phrases=(
            ("a single cricket", "one lonely cricket at nightfall", "the first firefly"),
            ("a few crickets", "soft chirping of crickets", "a few fireflies"),
            ("crickets at night", "a summer night", "night with fireflies", "insects at night"),
            ("a chorus of crickets", "many fireflies at night", "a night full of crickets"),
            ("a deafening chorus of crickets", "countless crickets"),
        ),
        clauses=(
            ("one cricket chirps", "night is near"),
            ("a few crickets chirp", "a few fireflies glow"),
            ("crickets are chirping", "crickets chirp at night", "it is night"),
            ("many crickets chirp in the dark", "fireflies glow everywhere"),
            ("countless crickets fill the night", "fireflies fill the black night"),
        ),
    ),
}
"""What each weather of `WEATHER_NAMES` is called."""

CLEAR_PHRASES = (
    "clear weather",
    "a clear day",
    "a calm landscape",
    "fair weather",
    "a sunny day",
    "a still and peaceful landscape",
    "a quiet view",
    "silence",
    "sunshine",
    "dry calm weather",
)
"""What a scene without weather is called."""

PICTURE_TEMPLATES = (
    "a photo of {}",
    "a picture of {}",
    "an image of {}",
    "a landscape with {}",
    "a view with {}",
    "a scene with {}",
    "a photograph of {}",
    "a painting of {}",
    "this is {}",
    "there is {}",
)
SOUND_TEMPLATES = (
    "the sound of {}",
    "sound of {}",
    "a recording of {}",
    "the noise of {}",
    "we hear {}",
    "listen to {}",
)

COUNTABLE = ("thunderstorm", "storm", "fire", "crackling fire", "burning fire", "stream", "river")
"""Nouns that take an article."""

FILLERS = ("nature", "outdoors", "scene", "view", "landscape", "sound", "photo", "natural", "here")
"""Words that change nothing; random insertion takes them."""
