"""What an edit of the Studio sets out from: a scene by number, a photo, or a scene found for one.

number -> latents; photo -> weather over it, or `project` -> latents, with the distance in dB
"""

from collections.abc import Callable
from dataclasses import dataclass

import ipywidgets as widgets
import torch

from sgim.editing.projection import project
from sgim.media.photos import as_images, decode_photo
from sgim.notebook.studio_controls import control, fresh_name, heading, upload_button
from sgim.notebook.studio_job import Job
from sgim.notebook.studio_origin import (
    Origin,
    can_paint_over,
    nearest_to,
    over_photo,
    scene_by_number,
)

BY_NUMBER = "by number"
PHOTO_FILES = "image/*"
ITSELF, NEAREST = "the photo itself", "the nearest painted scene"


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A photo as uploaded; `itself`: whether weather is painted over it, or a scene looked for."""

    name: str
    content: bytes
    itself: bool


class SceneControls(widgets.VBox):
    """A number, an upload, and a list of what became of the photos.

    Parameters
    ----------
    bundle : Bundle
    seed : int
        Number of the first scene.
    look_at : callable, (Photo) -> None
        Called with each photo; it makes a job of `find`, and calls `keep`.
    """

    def __init__(self, bundle, seed: int, look_at: Callable[[Photo], None]):
        self._bundle, self._look_at = bundle, look_at
        self._found: dict[str, Origin] = {}
        self._numbered = scene_by_number(bundle, seed)
        like = control()
        self.kind = widgets.Dropdown(options=[BY_NUMBER], description="scene", **like)
        self.seed = widgets.BoundedIntText(
            value=seed, min=0, max=999_999, description="its number", **like
        )
        ways = [ITSELF, NEAREST] if can_paint_over(bundle) else [NEAREST]
        self.way = widgets.Dropdown(options=ways, description="of a photo, edit", **like)
        self.upload = upload_button("upload a photo", PHOTO_FILES, self.add)
        self.told = widgets.HTML()
        self.kind.observe(lambda _: self._follow(), names="value")
        buttons = widgets.HBox([self.upload])
        super().__init__([heading("Scene"), self.kind, self.seed, self.way, buttons, self.told])

    @property
    def origin(self) -> Origin:
        """What is chosen; the same object until another is."""
        if self.kind.value != BY_NUMBER:
            return self._found[self.kind.value]
        if self._numbered.seed != self.seed.value:
            self._numbered = scene_by_number(self._bundle, self.seed.value)
        return self._numbered

    def add(self, name: str, content: bytes) -> None:
        """Begin to look at a photo."""
        self._look_at(Photo(name=name, content=content, itself=self.way.value == ITSELF))

    def find(
        self, photo: Photo, job: Job, show: Callable[[torch.Tensor, str, bool], None]
    ) -> Origin:
        """What an edit of the photo sets out from, as a job.

        A search for the nearest scene shows itself by `show(images, sentence, is_photo)`; one that
        is stopped gives the nearest so far.

        Raises
        ------
        SgimError
            For a file that is no picture, or one that cannot be used.
        """
        picture = decode_photo(photo.content, photo.name)
        if photo.itself:
            return over_photo(self._bundle, photo.name, picture)
        image = as_images(picture, self._bundle.generator.img_resolution)
        job.tell(show, image, f"Looking for the scene nearest to {photo.name} ...", True)

        def follow(step) -> bool:
            if step.index % 10 == 0:
                words = f"Looking for {photo.name}, step {step.index + 1} of {step.num_steps} ..."
                job.tell(show, step.images, words, False)
            return job.stop_asked

        found = project(self._bundle, image, callback=follow)
        return nearest_to(self._bundle, f"nearest to {photo.name}", found)

    def keep(self, origin: Origin) -> None:
        """What was found for a photo joins the list and is chosen."""
        name = fresh_name(origin.photo, self.kind.options, list(self._found))
        self._found[name] = origin
        self.kind.options = [BY_NUMBER, *self._found]
        self.kind.value = name
        self._follow()

    def _follow(self) -> None:
        self.seed.disabled = self.kind.value != BY_NUMBER
        self.told.value = self.origin.told
