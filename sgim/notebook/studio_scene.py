"""What an edit of the Studio sets out from: a scene by number, or the one nearest to a photo.

number -> latents; photo -> `project` -> latents, with the distance in dB
"""

from collections.abc import Callable
from dataclasses import dataclass

import ipywidgets as widgets
import torch

from sgim.checks import SgimError
from sgim.editing.projection import ProjectResult, project
from sgim.media.photos import as_images, decode_photo
from sgim.notebook.studio_controls import control, fresh_name, heading, upload_button
from sgim.notebook.studio_job import Job
from sgim.seeds import ws_from_seeds

BY_NUMBER = "by number"
PHOTO_FILES = "image/*"


@dataclass(frozen=True)
class Photo:
    """A photo (1, 3, size, size) in [-1, 1] by its name."""

    name: str
    image: torch.Tensor


class SceneControls(widgets.VBox):
    """A number, an upload, and a list of the scenes that were found for photos.

    Parameters
    ----------
    bundle : Bundle
    seed : int
        Number of the first scene.
    look_for : callable, (Photo) -> None
        Called with each photo; it makes a job of `find`, and calls `keep`.
    say : callable, (sentence, is_error) -> None
    """

    def __init__(
        self,
        bundle,
        seed: int,
        look_for: Callable[[Photo], None],
        say: Callable[[str, bool], None],
    ):
        self._bundle, self._look_for, self._say = bundle, look_for, say
        self._found: dict[str, ProjectResult] = {}
        like = control()
        self.kind = widgets.Dropdown(options=[BY_NUMBER], description="scene", **like)
        self.seed = widgets.BoundedIntText(
            value=seed, min=0, max=999_999, description="its number", **like
        )
        self.upload = upload_button("upload a photo", PHOTO_FILES, self.add)
        self.told = widgets.HTML()
        self.kind.observe(lambda _: self._follow(), names="value")
        buttons = widgets.HBox([self.upload])
        super().__init__([heading("Scene"), self.kind, self.seed, buttons, self.told])

    @property
    def number(self) -> int | None:
        """Number of the scene, None for a photo's."""
        return self.seed.value if self.kind.value == BY_NUMBER else None

    @property
    def photo(self) -> str | None:
        """Name of the photo, None for a scene by number."""
        return None if self.kind.value == BY_NUMBER else self.kind.value

    def ws(self) -> torch.Tensor:
        """Latents (1, num_ws, w_dim) of the scene."""
        if self.photo is not None:
            return self._found[self.photo].ws
        return ws_from_seeds(self._bundle.generator, [self.seed.value])

    def add(self, name: str, content: bytes) -> None:
        """Begin to look for the scene nearest to a photo, or tell what is wrong with its file."""
        try:
            picture = decode_photo(content, name)
            image = as_images(picture, self._bundle.generator.img_resolution)
        except SgimError as error:
            self._say(str(error), True)
            return
        self._look_for(Photo(name, image))

    def find(
        self, photo: Photo, job: Job, show: Callable[[torch.Tensor, str], None]
    ) -> ProjectResult:
        """Look for the scene nearest to a photo, as a job; `show(images, sentence)` as it goes.

        A job that is stopped gives the nearest so far.
        """

        def follow(step) -> bool:
            if step.index % 10 == 0:
                words = f"Looking for {photo.name}, step {step.index + 1} of {step.num_steps} ..."
                job.tell(show, step.images, words)
            return job.stop_asked

        return project(self._bundle, photo.image, callback=follow)

    def keep(self, photo: Photo, found: ProjectResult) -> None:
        """A scene that was found joins the list and is chosen."""
        name = fresh_name(photo.name, self.kind.options, list(self._found))
        self._found[name] = found
        self.kind.options = [BY_NUMBER, *self._found]
        self.kind.value = name
        self._follow()

    def _follow(self) -> None:
        self.seed.disabled = self.photo is not None
        self.told.value = ""
        if self.photo is not None:
            found = self._found[self.photo]
            self.told.value = (
                f"The nearest scene is {found.psnr.item():.1f} dB from the photo (PSNR; more is "
                f"nearer). It was found in {found.seconds:.1f} s."
            )
