"""An edit of the Studio becomes files.

`MadeEdit`, strength -> edit.png, edit.gif, settings.json, edit.py, and what these need
"""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image

from sgim.checks import SgimError, atomic_path
from sgim.editing.manipulate_result import ManipulateResult
from sgim.editing.strength import scale_edit, with_strength
from sgim.media.picture_files import (
    SMALLEST_SIDE,
    label_of_edit,
    save_gif,
    save_png,
    sheet,
    to_pictures,
)
from sgim.notebook.studio_order import EditOrder

EVERY = 2
"""Steps between two pictures of the animation, as `sgim edit --gif` has it."""


@dataclass(frozen=True)
class MadeEdit:
    """An edit and what was ordered."""

    order: EditOrder
    result: ManipulateResult

    @property
    def stopped_after(self) -> int | None:
        """Number of steps after which it was stopped, None where it was not."""
        steps = len(self.result.history["total"])
        return steps if self.result.stopped_early else None

    @property
    def last_step(self) -> int:
        """Where the way from the source ends, which has one point more."""
        return len(self.result.way) - 1

    @torch.no_grad()
    def at_step(self, step: int, strength: float) -> tuple[torch.Tensor, torch.Tensor]:
        """Pictures and latents after some of its steps, made stronger or weaker."""
        result = self.result
        if step == self.last_step and strength == 1:
            return result.images, result.ws
        ws = with_strength(result.way[step].to(result.source_ws), result.source_ws, strength)
        return self.order.origin.generator.synthesis(ws, noise_mode="const"), ws

    def in_words(self) -> str:
        """How the edit ended, in one sentence."""
        result, guidance = self.result, self.result.history["guidance"]
        if self.order.is_one_pass:
            return f"Done in one pass, {result.seconds:.2f} s."
        ended = "Stopped" if result.stopped_early else "Done"
        return (
            f"{ended} after {len(guidance)} of {result.config.num_steps} steps, "
            f"{result.seconds:.1f} s: cosine distance {guidance[0]:.2f} → {guidance[-1]:.2f}."
        )

    def code(self, folder: Path, strength: float) -> str:
        """The call that makes its picture; the files that it reads are written to `folder`."""
        if self.order.reads_files:
            _made(folder)
            self.order.write_inputs(folder, every_sound=False)
        return self.order.code(folder, strength, self.stopped_after)


def save_edit(made: MadeEdit, strength: float, folder: Path) -> list[str]:
    """Write all files to `folder`, those of the same names are replaced; return their names.

    The picture of a photo has the photo's own size, up to 4096 pixels; it is the edit alone.

    Raises
    ------
    SgimError
        When the folder cannot be written to.
    """
    _made(folder)
    origin, source = made.order.origin, made.result.source_images
    edited = scale_edit(origin.generator, made.result, strength)
    picture = _beside(source, edited.images)
    if origin.is_photo:
        picture = to_pictures(origin.generator.in_full_size(edited.ws))[0]
    what = "photo" if origin.is_photo else "painted scene"
    save_png(picture, folder / "edit.png", label_of_edit(what, made.order.in_words()))
    frames = [
        _beside(source, made.at_step(step, strength)[0], SMALLEST_SIDE)
        for step in (*range(0, made.last_step, EVERY), made.last_step)
    ]
    save_gif(frames, folder / "edit.gif")
    inputs = made.order.write_inputs(folder)
    texts = {
        "settings.json": json.dumps(made.order.settings(strength), indent=2),
        "edit.py": made.code(folder, strength),
    }
    for name, text in texts.items():
        with atomic_path(folder / name) as temporary:
            temporary.write_text(f"{text}\n", encoding="utf-8")
    return ["edit.png", "edit.gif", *texts, *inputs]


def _made(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SgimError(
            f"{folder} cannot be made ({error.strerror or error}); give another folder."
        ) from error


def _beside(source: torch.Tensor, edited: torch.Tensor, largest: int | None = None) -> Image.Image:
    pictures = to_pictures(torch.cat([source, edited]))
    if largest is not None:
        for picture in pictures:
            picture.thumbnail((largest, largest))
    return sheet([pictures])
