"""The Studio: a sound, a scene and settings in, an edit to watch, to compare and to keep.

controls -> `EditOrder` -> `manipulate` in a thread -> pictures and drawings while it runs -> files

What goes wrong appears in the Studio as one sentence.
"""

import os
import warnings
from collections.abc import Mapping
from pathlib import Path

import torch
import traitlets

from sgim.checks import SgimError, require
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulate_result import ManipulateResult, ManipulateStep
from sgim.editing.manipulation import manipulate
from sgim.editing.projection import ProjectResult
from sgim.editing.strength import scale_edit
from sgim.editing.targets import mix_targets
from sgim.notebook.studio_job import Job, Worker
from sgim.notebook.studio_layout import StudioLayout
from sgim.notebook.studio_order import EditOrder
from sgim.notebook.studio_saving import MadeEdit, save_edit
from sgim.notebook.studio_scene import Photo
from sgim.notebook.studio_sliders import own_settings

NO_EDIT = "there is no edit to keep; press Run first."
STOPPED = " The edit was stopped; settings.json makes the whole one, edit.py this one."


class Studio(StudioLayout):
    """Controls on the left; Run, Stop, Reset, pictures, drawings and files on the right.

    Every edit runs in a thread of its own, so Stop is heard while it runs. `made` holds the edit
    that is shown and its order, None while none is.

    Parameters
    ----------
    bundle : Bundle
    bundle_name : str
        Its name for `sgim.load_bundle`, for settings and code that are saved.
    own_sounds : mapping, name -> path, bytes or (waveform, sample_rate)
        Recordings that join the built-in sounds.
    config : ManipulateConfig
        Where the sliders stand at first, the bundle's own settings when left out.
    scene_seed : int
        Number of the first scene.
    update_every : int
        Steps between two looks at the picture.
    """

    def __init__(
        self,
        bundle,
        *,
        bundle_name: str = "mini",
        own_sounds: Mapping[str, str | os.PathLike | bytes | tuple] | None = None,
        config: ManipulateConfig | None = None,
        scene_seed: int = 1,
        update_every: int = 2,
    ):
        require(update_every >= 1, f"update_every is {update_every}; it counts steps: use 1 or up.")
        super().__init__(bundle, own_sounds or {}, config or own_settings(bundle_name), scene_seed)
        self._bundle_name, self._update_every = bundle_name, update_every
        self.made: MadeEdit | None = None
        self._worker = Worker(lambda: self._set_busy(False))
        self._first_values = {name: one.value for name, one in self.controls.items()}
        self._wire()
        self._set_busy(False)
        self._show_scene()

    def _wire(self) -> None:
        """What happens at a click or a move."""
        self.run.on_click(lambda _: self.start())
        self.stop.on_click(lambda _: self._worker.stop())
        self.reset.on_click(lambda _: self.start_over())
        self.keep.on_click(lambda _: self._try(self._begin_saving))
        self.copy.on_click(lambda _: self._try(self._show_code))
        for one in (self.scene.kind, self.scene.seed):
            one.observe(lambda _: self._show_scene(), names="value")
        for one in (self.strength, self.step):
            one.observe(lambda _: self._redraw(), names="value")

    @property
    def result(self) -> ManipulateResult | None:
        """The edit that is shown, as strong as the slider says."""
        if self.made is None:
            return None
        return scale_edit(self._bundle.generator, self.made.result, self.strength.value)

    def order(self) -> EditOrder:
        """What the controls say.

        Raises
        ------
        SgimError
            When the chosen sound cannot be read.
        """
        return EditOrder(
            bundle_name=self._bundle_name,
            sound=self.sounds.chosen(),
            text=self.sounds.text.value.strip(),
            mix=self.sounds.mix.value,
            source_ws=self.scene.ws(),
            seed=self.scene.number,
            photo=self.scene.photo,
            config=self.sliders.settings(),
        )

    def edit(self, **choices) -> ManipulateResult:
        """Set controls by name, run the edit, and wait for it.

        Parameters
        ----------
        choices : name of one of `controls` -> value

        Raises
        ------
        SgimError
            For a name or value that the controls have not, and when the edit is refused.
        """
        require(not self._worker.is_busy, "an edit runs; stop it or wait for it first.")
        for name, value in choices.items():
            known = name in self.controls
            require(known, f"{name!r} is no control; they are {', '.join(self.controls)}.")
            try:
                self.controls[name].value = value
            except (traitlets.TraitError, ValueError, TypeError) as error:
                raise SgimError(f"{name} is {value!r}; the control does not take it.") from error
        self.start()
        self.wait()
        require(self.made is not None, self._sentence)
        return self.result

    def start(self) -> None:
        """What Run does; nothing while a job runs."""
        if not self._worker.is_busy:
            self._try(self._begin)

    def wait(self, timeout: float | None = None) -> None:
        """Return when what runs has ended, or after `timeout` seconds."""
        self._worker.wait(timeout)

    def start_over(self) -> None:
        """What Reset does: the job is forgotten, the controls stand as at first."""
        self._worker.forget()
        self.view.clear()
        self.made = None
        for name, value in self._first_values.items():
            self.controls[name].value = value
        self._show_scene()
        self._set_busy(False)

    def close(self) -> None:
        """End the job and take the Studio away."""
        self._worker.forget()
        super().close()

    def save(self, folder: str | os.PathLike | None = None) -> list[str]:
        """Write picture, animation, settings and code of the edit; return the files' names.

        Parameters
        ----------
        folder : path
            What its control says when left out.

        Raises
        ------
        SgimError
            When there is no edit, or the folder cannot be written to.
        """
        require(self.made is not None, NO_EDIT)
        path = Path(self.folder.value if folder is None else folder)
        return save_edit(self._bundle.generator, self.made, self.strength.value, path)

    def code(self) -> str:
        """The call of `manipulate` that makes the picture; files it reads go to the folder."""
        require(self.made is not None, NO_EDIT)
        return self.made.code(Path(self.folder.value), self.strength.value)

    def _begin(self) -> None:
        order = self.order()
        self._show_scene()
        self._set_busy(True)
        self._worker.start(lambda job: self._guarded(job, self._edit, order))

    def _guarded(self, job: Job, work, *values) -> None:
        """Do the work of a job; what it raises becomes a sentence."""
        try:
            work(job, *values)
        except SgimError as error:
            job.tell(self._say, str(error), True)
        except Exception:
            job.tell(self._say, "It broke off; the notebook's log tells where.", True)
            raise

    def _edit(self, job: Job, order: EditOrder) -> None:
        history: dict[str, list[float]] = {}
        with warnings.catch_warnings(record=True) as notes:
            warnings.simplefilter("always", UserWarning)
            target = mix_targets(self._bundle, **order.targets())
        remark = " ".join(str(note.message) for note in notes)

        def follow(step: ManipulateStep) -> None:
            for name, value in step.losses.items():
                history.setdefault(name, []).append(value)
            if step.index % self._update_every == 0:
                job.tell(self._show_step, step, dict(history), remark)

        result = manipulate(
            self._bundle,
            order.source_ws,
            target_features=target,
            config=order.config,
            callback=follow,
            stop_asked=lambda: job.stop_asked,
        )
        job.tell(self._finish, MadeEdit(order, result), remark)

    def _show_step(self, step: ManipulateStep, history: dict, remark: str) -> None:
        self.view.show_edit(step.images, step.ws, history, step.layer_weights)
        self._say(f"{remark} Step {step.index + 1} of {step.num_steps} ...".strip())

    def _finish(self, made: MadeEdit, remark: str) -> None:
        self.made, result = made, made.result
        self.step.max = self.step.value = len(result.trajectory) - 1
        images, ws = made.at_step(self._bundle.generator, self.step.value, self.strength.value)
        self.view.show_edit(images, ws, result.history, result.layer_weights)
        self._say(f"{remark} {made.in_words()}".strip())

    def _look_for(self, photo: Photo) -> None:
        """Look for the scene nearest to a photo, as a job."""
        if self._worker.is_busy:
            self._say(f"Something runs; upload {photo.name} again when it has ended.", True)
            return
        self.made = None
        self.view.show_source(photo.image, self.scene.ws(), self.sliders.num_steps.value)
        self._set_busy(True)
        self._worker.start(lambda job: self._guarded(job, self._find, photo))

    def _find(self, job: Job, photo: Photo) -> None:
        def show(images: torch.Tensor, sentence: str) -> None:
            self.view.show_search(images)
            self._say(sentence)

        found = self.scene.find(photo, job, show)
        job.tell(self._set_out_from, photo, found)

    def _set_out_from(self, photo: Photo, found: ProjectResult) -> None:
        self.scene.keep(photo, found)
        self._show_source()

    def _show_scene(self) -> None:
        """The scene that the controls choose, while nothing runs."""
        if not self._worker.is_busy:
            self._show_source()

    def _show_source(self) -> None:
        ws = self.scene.ws()
        self.made, self.step.value, self.step.max = None, 0, 0
        self.downloads.clear()
        with torch.no_grad():
            images = self._bundle.generator.synthesis(ws, noise_mode="const")
        self.view.show_source(images, ws, self.sliders.num_steps.value)
        self._say("Choose a sound, or write a text, and press Run.")

    def _redraw(self) -> None:
        """The edit as strong, and at the step, that the sliders say; nothing while a job runs."""
        if self.made is not None and not self._worker.is_busy:
            generator = self._bundle.generator
            self.view.show_edit(*self.made.at_step(generator, self.step.value, self.strength.value))

    def _begin_saving(self) -> None:
        """Save as a job: an animation has many pictures."""
        require(not self._worker.is_busy, "something runs; save again when it has ended.")
        require(self.made is not None, NO_EDIT)
        values = (self.made, self.strength.value, Path(self.folder.value))
        self._set_busy(True)
        self._worker.start(lambda job: self._guarded(job, self._save, *values))

    def _save(self, job: Job, made: MadeEdit, strength: float, folder: Path) -> None:
        names = save_edit(self._bundle.generator, made, strength, folder)
        job.tell(self.downloads.offer, folder, names)
        note = "" if made.stopped_after is None else STOPPED
        job.tell(self._say, f"In the folder {folder}: {', '.join(names)}.{note}")

    def _show_code(self) -> None:
        self.code_text.value = self.code()
        self.code_text.layout.display = None
        self.code_text.focus()

    def _try(self, work) -> None:
        """Do it; what it refuses becomes a sentence."""
        try:
            work()
        except SgimError as error:
            self._say(str(error), True)
