"""What an edit of the Studio sets out from, and how it came: a scene, a photo, or one found for it.

number, photo or projection -> bundle and latents -> settings, code and files that give them again
"""

import dataclasses
import json
import re
from dataclasses import dataclass
from pathlib import Path

import torch

from sgim.editing.projection import ProjectResult
from sgim.files.latents import save_latents
from sgim.media.picture_files import save_png, to_pictures
from sgim.seeds import ws_from_seeds
from sgim.world.photo_lands import WATERY, PhotoGenerator
from sgim.world.scenes import SceneGenerator


@dataclass(frozen=True, kw_only=True, eq=False)
class Origin:
    """Where an edit begins.

    Attributes
    ----------
    bundle : Bundle
        Its generator draws what is edited: a scene, or the weather over a photo.
    ws : torch.Tensor, (1, num_ws, w_dim)
    told : str
        How it came, in a sentence or two; empty for a scene by number.
    seed : int or None
        Number of the scene.
    photo : str or None
        Name of the photo.
    """

    bundle: object
    ws: torch.Tensor
    told: str = ""
    seed: int | None = None
    photo: str | None = None

    @property
    def generator(self):
        """What draws the latents."""
        return self.bundle.generator

    @property
    def is_photo(self) -> bool:
        """Whether weather is painted over the photo itself."""
        return isinstance(self.generator, PhotoGenerator)

    @property
    def reads_files(self) -> bool:
        """Whether its code reads a file."""
        return self.photo is not None

    @property
    def file_name(self) -> str:
        """Of the photo, or of the latents that were found for it."""
        name = plain(self.photo or "")
        return f"photo_{name}.png" if self.is_photo else f"scene_{name}.npz"

    @torch.no_grad()
    def images(self) -> torch.Tensor:
        """The picture (1, 3, height, width) before any edit."""
        return self.generator.synthesis(self.ws, noise_mode="const")

    def settings(self) -> dict:
        """What `sgim edit --settings` reads of it."""
        return {
            "seeds": [] if self.seed is None else [self.seed],
            "image": self.file_name if self.is_photo else None,
            "project": False,
            "latents": self.file_name if self.reads_files and not self.is_photo else None,
        }

    def write(self, folder: Path) -> list[str]:
        """Write the file that settings and code read; return its name, if there is one."""
        if not self.reads_files:
            return []
        if self.is_photo:
            save_png(to_pictures(2 * self.generator.whole - 1)[0], folder / self.file_name)
        else:
            save_latents(folder / self.file_name, [self.ws])
        return [self.file_name]

    def code(self, folder: Path) -> tuple[list[str], list[str], str]:
        """Imports, lines after the bundle is loaded, and what `manipulate` sets out from."""
        if self.seed is not None:
            imports = ["from sgim.seeds import ws_from_seeds"]
            return imports, [], f"ws_from_seeds(bundle.generator, [{self.seed}])"
        file = quoted((folder / self.file_name).as_posix())
        if not self.is_photo:
            return [], [], file
        lines = [
            f"photo = PhotoGenerator({file}).to(bundle.device)",
            "bundle = dataclasses.replace(bundle, generator=photo)",
        ]
        return ["from sgim.world import PhotoGenerator"], lines, "photo.w_avg"


def scene_by_number(bundle, seed: int) -> Origin:
    """A scene of the bundle's generator."""
    return Origin(bundle=bundle, ws=ws_from_seeds(bundle.generator, [seed]), seed=seed)


def can_paint_over(bundle) -> bool:
    """Whether the bundle's generator paints weather that a photo can lie under."""
    return type(bundle.generator) is SceneGenerator


def over_photo(bundle, name: str, picture) -> Origin:
    """The photo itself, under clear weather; `picture` as `PhotoGenerator` takes it."""
    generator = PhotoGenerator(picture).to(bundle.device).requires_grad_(False)
    told = "The weather is painted over the photo itself."
    if not generator.has_water:
        told += " No water was found in it: waves and a stream have no place."
    bundle = dataclasses.replace(bundle, generator=generator)
    return Origin(bundle=bundle, ws=generator.w_avg[None].clone(), told=told, photo=name)


def nearest_to(bundle, name: str, found: ProjectResult) -> Origin:
    """The scene that was found nearest to a photo."""
    told = (
        f"The nearest scene is {found.psnr.item():.1f} dB from the photo (PSNR; more is nearer). "
        f"It was found in {found.seconds:.1f} s."
    )
    return Origin(bundle=bundle, ws=found.ws, told=told, photo=name)


def missing_water(origin: Origin, name: str) -> str:
    """A sentence where a weather of this name needs water and the photo shows none, else ""."""
    if name not in WATERY or not origin.is_photo or origin.generator.has_water:
        return ""
    return (
        f"This says {name}, and no water was found in the photo, so that nothing of it can come; "
        "take a photo with water, or edit the nearest painted scene."
    )


def quoted(text: str) -> str:
    """A text as code."""
    return json.dumps(text, ensure_ascii=False)


def plain(name: str) -> str:
    """A name for files, of small letters, digits and lines.

    >>> plain("My Kettle.wav")
    'my_kettle'
    """
    return re.sub(r"[^a-z0-9]+", "_", Path(name).stem.lower()).strip("_")[:40] or "own"
