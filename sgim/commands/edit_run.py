"""The edits of one run of `sgim edit`: every picture by every target, and how they are shown.

settings -> sources x targets -> edits, a row for each source -> a picture, frames of an animation
"""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image

from sgim.bundle import Bundle
from sgim.checks import SgimError, require
from sgim.commands.bundles import as_class
from sgim.commands.console import complain, step_bar
from sgim.commands.edit_settings import EditSettings
from sgim.editing.latents import as_ws
from sgim.editing.manipulate_result import ManipulateResult
from sgim.editing.manipulation import manipulate
from sgim.editing.projection import ProjectResult, project
from sgim.editing.strength import scale_edit, with_strength
from sgim.editing.targets import mix_features
from sgim.embedding.hearing import Heard, embed_names, knows_weathers, what_is_heard
from sgim.losses import cosine_distance
from sgim.media.picture_files import SMALLEST_SIDE, label_of_edit, sheet, to_pictures
from sgim.media.sound_files import printable
from sgim.seeds import ws_from_seeds
from sgim.world.photo_lands import WATERY, PhotoGenerator
from sgim.world.scenes import SceneGenerator


@dataclass(frozen=True, kw_only=True)
class Source:
    """What is edited: `ws` (1, num_ws, w_dim), its row, a name for that, and where it is from."""

    ws: torch.Tensor
    row: int
    name: str
    seed: int | None = None
    projection: ProjectResult | None = None


@dataclass(frozen=True, kw_only=True)
class Target:
    """What an edit follows: `features` (1, embed_dim), the files it is from and a title."""

    title: str
    files: tuple[str, ...]
    features: torch.Tensor


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A source edited by a target; `distances` to the target, in [0, 2], before and after."""

    source: Source
    target: Target
    result: ManipulateResult
    distances: tuple[float, float]


def hear_good_ones(bundle: Bundle, settings: EditSettings) -> tuple[list[tuple], dict[str, Heard]]:
    """Files that can be followed, with their embeddings, and as what each is `Heard`.

    One sentence tells of each of the others.
    """
    good, heard_as, files = [], {}, settings.sounds
    names = embed_names(bundle) if files and knows_weathers(bundle) else None
    for file in files:
        try:
            features = bundle.encode_audio(file)
            if names is not None:
                heard = what_is_heard(bundle, features, names)
                require(
                    heard.is_weather or settings.force,
                    f"{printable(file)} sounds like {heard}; edit anyway with --force.",
                )
                heard_as[file] = heard
            good.append((file, features))
        except SgimError as error:
            complain(error)
    require(
        bool(good) or not files,
        "none of the sounds can be used; pass at least one good recording.",
    )
    return good, heard_as


def on_photo(bundle: Bundle, settings: EditSettings) -> Bundle:
    """The bundle with the photo in the place of its painted scenes, if that is to be edited."""
    if settings.image is None or settings.project or type(bundle.generator) is not SceneGenerator:
        return bundle
    generator = PhotoGenerator(settings.image).to(bundle.device).requires_grad_(False)
    return dataclasses.replace(bundle, generator=generator)


def missing_water(bundle: Bundle, names: dict[str, str]) -> list[str]:
    """A sentence for each sound that says water, by file and weather, where a photo has none."""
    generator = bundle.generator
    if not isinstance(generator, PhotoGenerator) or generator.has_water:
        return []
    return [
        f"{printable(file)} sounds like {name}, and no water was found in the photo, so that "
        "nothing of it can come; take a painted scene with --project, or, where the photo has "
        "water, PhotoGenerator(photo, water=mask) in Python."
        for file, name in names.items()
        if name in WATERY
    ]


def sources_of(bundle: Bundle, settings: EditSettings) -> list[Source]:
    """The pictures to edit: by seeds, from a file, a photo, or the one nearest to a photo."""
    c, generator = as_class(settings.class_name), bundle.generator
    if isinstance(generator, PhotoGenerator):
        return [Source(ws=generator.w_avg[None].clone(), row=0, name="")]
    if settings.image is not None:
        with step_bar("looking") as callback:
            found = project(bundle, settings.image, c=c, callback=callback)
        return [Source(ws=found.ws, row=0, name="", projection=found)]
    if settings.latents is not None:
        rows = as_ws(settings.latents, generator).split(1)
        return [Source(ws=ws, row=row, name=f"latent {row}") for row, ws in enumerate(rows)]
    return [
        Source(ws=ws_from_seeds(generator, [seed], c=c), row=row, name=f"seed {seed}", seed=seed)
        for row, seed in enumerate(settings.seeds)
    ]


def targets_of(bundle: Bundle, sounds: list[tuple], settings: EditSettings) -> list[Target]:
    """One target for each sound, or one for all of them; the text joins every one.

    `sounds` are pairs of a file and its embedding (1, embed_dim).
    """
    groups = [[sound] for sound in sounds] if settings.each else [sounds]
    return [_target(bundle, group, settings.text, settings.mix) for group in groups]


def _target(bundle: Bundle, sounds: list[tuple], text: str | None, mix: float | None) -> Target:
    sound_weight = text_weight = 1.0
    if mix is not None and sounds:
        sound_weight, text_weight = (1 - mix) / len(sounds), mix
    files = tuple(file for file, _ in sounds)
    texts = [] if text is None else [text]
    parts = [(sound_weight, features) for _, features in sounds]
    parts += [(text_weight, bundle.encode_text([words])) for words in texts]
    return Target(
        title=" + ".join([*(Path(file).stem for file in files), *texts]),
        files=files,
        features=mix_features(parts),
    )


def make_edits(
    bundle: Bundle, sources: list[Source], targets: list[Target], settings: EditSettings
) -> list[list[Edit]]:
    """Edit every source by every target, one after another: a row for each source.

    A picture does not depend on those that are made beside it.
    """
    total = len(sources) * len(targets) * settings.config.num_steps
    with step_bar("editing", total) as callback:
        return [
            [_edit(bundle, source, target, settings, callback) for target in targets]
            for source in sources
        ]


def _edit(bundle: Bundle, source: Source, target: Target, settings: EditSettings, callback) -> Edit:
    result = manipulate(
        bundle,
        source.ws,
        target_features=target.features,
        config=settings.config,
        callback=callback,
    )
    result = scale_edit(bundle.generator, result, settings.strength)
    with torch.no_grad():
        shown = bundle.encode_image(torch.cat([result.source_images, result.images]))
    before, after = cosine_distance(shown, target.features).tolist()
    return Edit(source=source, target=target, result=result, distances=(before, after))


@torch.no_grad()
def draw_picture(generator: torch.nn.Module, rows: list[list[Edit]]) -> Image.Image:
    """The one edit of a photo in the photo's own size, else a sheet."""
    if not isinstance(generator, PhotoGenerator) or len(rows[0]) > 1:
        return draw_sheet(rows)
    return to_pictures(generator.in_full_size(rows[0][0].result.ws))[0]


def told_in_the_file(rows: list[list[Edit]], settings: EditSettings) -> dict[str, str]:
    """Text entries of the PNG, so that nobody takes an edit for a photograph as it was taken."""
    what = "photo" if settings.image else "painted scene"
    by = "; ".join(edit.target.title for edit in rows[0])
    return label_of_edit(what, by)


def draw_sheet(rows: list[list[Edit]]) -> Image.Image:
    """The photo, if there is one, the source and its edits; titles only where there are several."""
    return _arranged(rows, [[edit.result.images for edit in row] for row in rows])


def draw_frames(
    generator: torch.nn.Module, rows: list[list[Edit]], strength: float, every: int
) -> list[Image.Image]:
    """The sheet at every so many steps, and at the last: what it was set out from, to the edit."""
    longest = max(len(edit.result.way) for row in rows for edit in row) - 1
    frames = []
    for step in (*range(0, longest, every), longest):
        images = [[_on_the_way(generator, edit, step, strength) for edit in row] for row in rows]
        frames.append(_arranged(rows, images, SMALLEST_SIDE))
    return frames


@torch.no_grad()
def _on_the_way(generator, edit: Edit, step: int, strength: float) -> torch.Tensor:
    """The picture of an edit after some of its steps."""
    source_ws, way = edit.result.source_ws, edit.result.way
    ws = way[min(step, len(way) - 1)].to(source_ws)
    return generator.synthesis(with_strength(ws, source_ws, strength), noise_mode="const")


def _arranged(
    rows: list[list[Edit]], edited: list[list[torch.Tensor]], largest: int | None = None
) -> Image.Image:
    titles = [*_beside(rows[0][0]), *(edit.target.title for edit in rows[0])]
    several = len(rows) > 1 or len(rows[0]) > 1
    pictures = [
        to_pictures(torch.cat([*_beside(row[0]).values(), *images]))
        for row, images in zip(rows, edited, strict=True)
    ]
    if largest is not None:
        for picture in (one for row in pictures for one in row):
            picture.thumbnail((largest, largest))
    if not several:
        return sheet(pictures)
    return sheet(pictures, titles, [row[0].source.name for row in rows])


def _beside(edit: Edit) -> dict[str, torch.Tensor]:
    """Title -> pictures that stand to the left of edits."""
    found = edit.source.projection
    photo = {} if found is None else {"photo": found.target_images}
    return photo | {"source": edit.result.source_images}
