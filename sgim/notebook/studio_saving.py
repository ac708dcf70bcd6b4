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
from sgim.media.picture_files import SMALLEST_SIDE, save_gif, save_png, sheet, to_pictures
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

    @torch.no_grad()
    def at_step(self, generator, step: int, strength: float) -> tuple[torch.Tensor, torch.Tensor]:
        """Pictures and latents after some of its steps, made stronger or weaker."""
        source_ws = self.result.source_ws
        ws = with_strength(self.result.trajectory[step].to(source_ws), source_ws, strength)
        return generator.synthesis(ws, noise_mode="const"), ws

    def in_words(self) -> str:
        """How the edit ended, in one sentence."""
        result, guidance = self.result, self.result.history["guidance"]
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


def save_edit(generator, made: MadeEdit, strength: float, folder: Path) -> list[str]:
    """Write all files to `folder`, those of the same names are replaced; return their names.

    Raises
    ------
    SgimError
        When the folder cannot be written to.
    """
    _made(folder)
    source = made.result.source_images
    edited = scale_edit(generator, made.result, strength).images
    save_png(_beside(source, edited), folder / "edit.png")
    last = len(made.result.trajectory) - 1
    frames = [
        _beside(source, made.at_step(generator, step, strength)[0], SMALLEST_SIDE)
        for step in (*range(0, last, EVERY), last)
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
