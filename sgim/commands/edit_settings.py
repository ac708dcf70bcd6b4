"""All that decides on the pictures of `sgim edit`, as one object that JSON can keep.

options typed, a file of settings, the bundle's preset -> `EditSettings` -> JSON and back
"""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path

from sgim.checks import SgimError, require, require_in_range
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.presets import PRESETS
from sgim.editing.settings import as_settings, check_kinds, shown
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
    project : bool
        Edit the generator's picture nearest to the photo; off means the photo itself, where the
        bundle is the mini world's, and others project always.
    strength : float
        How far along the line from the source through the edit, -10 to 10.
    force : bool
        Follow sounds, too, that are none of the weathers which the bundle knows.
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
    project: bool = False
    strength: float = 1.0
    force: bool = False
    device: str | None = None
    config: ManipulateConfig = field(default_factory=ManipulateConfig)

    def __post_init__(self) -> None:
        check_kinds(self)
        for name, kind, words in (("sounds", str, "names of files"), ("seeds", int, "numbers")):
            value = getattr(self, name)
            require(
                isinstance(value, list | tuple) and all(type(one) is kind for one in value),
                f"{name} is {shown(value)}; it must be a list of {words}.",
            )
            object.__setattr__(self, name, tuple(value))
        wrong = [seed for seed in self.seeds if not 0 <= seed < 2**63]
        require(not wrong, f"seeds name {wrong[:1]}; they lie between 0 and 2**63 - 1.")
        if self.mix is not None:
            require_in_range("mix", self.mix, 0.0, 1.0)
        require_in_range("strength", self.strength, -STRONGEST, STRONGEST)

    def check_targets(self) -> None:
        """Raise `SgimError` unless there is something to follow, as the settings say."""
        require(
            bool(self.sounds) or self.text is not None,
            "there is no sound and no text; an edit follows at least one: name a sound.",
        )
        require(
            bool(self.sounds) or not self.each,
            "--each compares sounds and there is none; name some, or leave it out.",
        )
        require(
            self.image is not None or not self.project,
            "--project is for a photo and there is none; give --image, or leave it out.",
        )
        require(
            self.mix is None or self.text is not None,
            "--mix is the weight of a text and there is none; give --text, or leave it out.",
        )

    def to_json(self) -> dict:
        """What `read_settings` reads."""
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
    names = {one.name for one in dataclasses.fields(EditSettings)}
    changes = {name: value for name, value in asked.items() if name in names}
    of_config = {name: value for name, value in asked.items() if name not in names}
    chosen = [option for name, option in SOURCES.items() if name in asked]
    require(
        len(chosen) < 2,
        f"{' and '.join(chosen[:2])} both choose what is edited; give one of them.",
    )
    if file is None:
        kept = EditSettings(config=_preset(asked.get("bundle", "mini")))
        if _paints_on_photo(asked) and "num_steps" not in asked:
            of_config = {"start": "mapper"} | of_config
    else:
        kept = read_settings(file)
    if chosen:
        kept = dataclasses.replace(kept, seeds=(), image=None, latents=None)
    if of_config.get("start") == "mapper":
        of_config.setdefault("num_steps", 0)
    settings = dataclasses.replace(
        kept, **changes, config=dataclasses.replace(kept.config, **of_config)
    )
    if not any(getattr(settings, name) for name in SOURCES):
        settings = dataclasses.replace(settings, seeds=(0,))
    settings.check_targets()
    return settings


def _paints_on_photo(asked: dict) -> bool:
    """Whether weather is painted over a photo; the mapper does that better than the optimizer."""
    is_mini = asked.get("bundle", "mini") == "mini" and "generator" not in asked
    return is_mini and "image" in asked and not asked.get("project", False)


def read_settings(path: str) -> EditSettings:
    """Settings from a JSON file; of several objects in it, the first.

    What the file leaves out is as in the preset of its bundle, or by default. Sounds, photo,
    latents and generator that are not found from here are looked for from the file's folder.

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
    values = content.get("settings", content)
    require(isinstance(values, dict), f"{path}: settings is no JSON object; it must be one.")
    others = {name: value for name, value in values.items() if name != "config"}
    try:
        settings = as_settings(others, EditSettings())
        config = as_settings(values.get("config"), _preset(settings.bundle))
    except SgimError as error:
        raise SgimError(f"{path}: {error}") from error
    return dataclasses.replace(_found_beside(settings, Path(path).parent), config=config)


def _found_beside(settings: EditSettings, folder: Path) -> EditSettings:
    """Files that are not where they were: those of the same name from `folder` on, if there."""

    def found(name: str) -> str:
        return str(folder / name) if not Path(name).exists() and (folder / name).exists() else name

    files = {"image": settings.image, "latents": settings.latents, "generator": settings.generator}
    return dataclasses.replace(
        settings,
        sounds=tuple(map(found, settings.sounds)),
        **{what: name and found(name) for what, name in files.items()},
    )


def _preset(bundle: str) -> ManipulateConfig:
    """The settings that go with a bundle of this name."""
    return PRESETS[bundle].config if bundle in PRESETS else ManipulateConfig()
