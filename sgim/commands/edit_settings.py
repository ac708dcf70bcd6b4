"""All that decides on the pictures of `sgim edit`, as one object that JSON can keep.

options typed, a file of settings, the bundle's preset -> `EditSettings` -> JSON and back
"""

import dataclasses
import json
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path

from sgim.checks import SgimError, nearest, require, require_in_range
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.presets import PRESETS
from sgim.editing.strength import STRONGEST

SOURCES = {"seeds": "--seed", "image": "--image", "latents": "--latents"}
"""Settings that choose what is edited, each in its way, and the options that give them."""


@dataclass(frozen=True, kw_only=True)
class EditSettings:
    """One run of `sgim edit`.

    Attributes
    ----------
    sounds : tuple of str
        Files.
    each : bool
        One edit for each sound; off means one edit by all of them, mixed with equal weights.
    text : str or None
    mix : float or None
        Weight of the text, 0 to 1, the sounds share the rest; None counts it as one more sound.
    bundle : str
    generator : str or None
        A file in the place of the bundle's generator.
    class_name : str or None
        Name or number of the class, for generators that have classes.
    seeds : tuple of int
        One picture each; empty where `image` or `latents` choose it.
    image, latents : str or None
        Files: a photo, or latents of pictures.
    strength : float
        How far along the line from the source through the edit, -10 to 10.
    device : str or None
    config : ManipulateConfig
    """

    sounds: tuple[str, ...] = ()
    each: bool = False
    text: str | None = None
    mix: float | None = None
    bundle: str = "mini"
    generator: str | None = None
    class_name: str | None = None
    seeds: tuple[int, ...] = ()
    image: str | None = None
    latents: str | None = None
    strength: float = 1.0
    device: str | None = None
    config: ManipulateConfig = field(default_factory=ManipulateConfig)

    def __post_init__(self) -> None:
        require(
            bool(self.sounds) or self.text is not None,
            "there is no sound and no text; an edit follows at least one: name a sound.",
        )
        require(
            bool(self.sounds) or not self.each,
            "--each compares sounds and there is none; name some, or leave it out.",
        )
        wrong = [seed for seed in self.seeds if not 0 <= seed < 2**63]
        require(not wrong, f"seeds name {wrong[:1]}; they lie between 0 and 2**63 - 1.")
        if self.mix is not None:
            require_in_range("mix", self.mix, 0.0, 1.0)
            require(
                self.text is not None,
                "--mix is the weight of a text and there is none; give --text, or leave it out.",
            )
        require_in_range("strength", self.strength, -STRONGEST, STRONGEST)

    def to_json(self) -> dict:
        """What `from_json` takes."""
        return dataclasses.asdict(self)


def merged_settings(asked: dict, file: str | None) -> EditSettings:
    """Settings from a file, or else from the bundle's preset, changed by those asked for.

    Parameters
    ----------
    asked : dict
        Names of fields of `EditSettings` and of `ManipulateConfig` -> values.
    file : str or None
        JSON: what `sgim edit --json` answered, or the settings in it.

    Raises
    ------
    SgimError
        For a file that cannot be read, a setting that is not known or out of range.
    """
    settings = {} if file is None else read_settings(file)
    chosen = [option for name, option in SOURCES.items() if name in asked]
    require(
        len(chosen) < 2,
        f"{' and '.join(chosen[:2])} both choose what is edited; give one of them.",
    )
    if chosen:
        settings = {name: value for name, value in settings.items() if name not in SOURCES}
    names = {one.name for one in dataclasses.fields(EditSettings)}
    settings |= {name: value for name, value in asked.items() if name in names}
    if not any(settings.get(name) for name in SOURCES):
        settings["seeds"] = (0,)
    preset = PRESETS.get(settings.get("bundle", "mini"))
    config = settings.get("config", preset.config if preset else ManipulateConfig())
    changes = {name: value for name, value in asked.items() if name not in names}
    return EditSettings(**settings | {"config": dataclasses.replace(config, **changes)})


def read_settings(path: str) -> dict:
    """Fields of `EditSettings` from a JSON file; of several objects in it, the first.

    Raises
    ------
    SgimError
        For a file that is missing or no JSON, an unknown setting (the nearest known one is named)
        or one of another kind.
    """
    require(Path(path).is_file(), f"{path} does not exist or is no file; give a file of settings.")
    try:
        content, _ = json.JSONDecoder().raw_decode(Path(path).read_text(encoding="utf-8").strip())
    except (ValueError, RecursionError) as error:
        raise SgimError(
            f"{path} is not JSON ({error}); give what `sgim edit --json` answered."
        ) from error
    require(isinstance(content, dict), f"{path} holds no JSON object; settings are one.")
    settings = _checked(content.get("settings", content), EditSettings, path)
    if "config" in settings:
        settings["config"] = ManipulateConfig(
            **_checked(settings["config"], ManipulateConfig, f"{path}, config")
        )
    return settings


def _checked(values: object, kind: type, where: str) -> dict:
    """The same values, each known to the dataclass `kind` and of the kind it says."""
    require(isinstance(values, dict), f"{where}: the settings are no JSON object; write {{...}}.")
    kinds = typing.get_type_hints(kind)
    for name, value in values.items():
        require(name in kinds, f"{where}: there is no setting {name!r}{nearest(name, kinds)}.")
        require(
            kinds[name] is ManipulateConfig or _fits(value, kinds[name]),
            f"{where}: {name} is {value!r}; it must be {_in_words(kinds[name])}.",
        )
    return {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}


def _fits(value: object, kind: type) -> bool:
    """Whether a JSON value is of the kind that a field says."""
    inner = typing.get_args(kind)
    if isinstance(kind, types.UnionType):
        return any(_fits(value, one) for one in inner)
    if typing.get_origin(kind) is tuple:
        return isinstance(value, list) and all(_fits(one, inner[0]) for one in value)
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


def _in_words(kind: type) -> str:
    inner = typing.get_args(kind)
    if isinstance(kind, types.UnionType):
        return " or ".join(map(_in_words, inner))
    if typing.get_origin(kind) is tuple:
        return f"a list, each {_in_words(inner[0])}"
    words = {bool: "true or false", int: "a whole number", float: "a number", str: "a string"}
    return words.get(kind, "null")
