"""What the Studio does in jobs: edits, their answers to sliders, photos.

`EditOrder` -> `manipulate` in a thread -> pictures and drawings while it runs -> `MadeEdit`

An edit by steps and a search are long jobs: Stop ends them, and sliders wait for them. One pass
and a drawing are quick: each runs as soon as it can, and of several that wait the last counts.
"""

import warnings
from collections.abc import Callable

import torch

from sgim.checks import SgimError
from sgim.editing.manipulate_result import ManipulateStep
from sgim.editing.manipulation import manipulate
from sgim.notebook.studio_job import Job, Worker
from sgim.notebook.studio_layout import StudioLayout
from sgim.notebook.studio_order import EditOrder
from sgim.notebook.studio_origin import Origin, missing_water
from sgim.notebook.studio_saving import MadeEdit
from sgim.notebook.studio_scene import Photo


class StudioEdits(StudioLayout):
    """The widgets, and the jobs behind them.

    Parameters
    ----------
    layout : what `StudioLayout` takes
    update_every : int
        Steps between two looks at the picture.
    """

    def __init__(self, *layout, update_every: int):
        super().__init__(*layout)
        self._update_every = update_every
        self.made: MadeEdit | None = None
        self._wanted: EditOrder | None = None
        self._worker = Worker(lambda: self._set_busy(False))

    def order(self) -> EditOrder:
        """What the controls say."""
        raise NotImplementedError

    @property
    def _is_long(self) -> bool:
        """Whether something runs that is waited for."""
        return not self.stop.disabled

    def _start_long(self, work: Callable, *values) -> None:
        """Do the work in a job, while most controls rest."""
        self._set_busy(True)
        self._worker.start_latest(lambda job: self._guarded(job, work, *values))

    def _answer(self, order: EditOrder | None = None) -> None:
        """Make an edit of one pass, if there is an order, and draw what the sliders say."""
        with self._worker.lock:
            self._wanted = order or self._wanted
            self._worker.start_latest(lambda job: self._guarded(job, self._refresh))

    def _refresh(self, job: Job) -> None:
        with self._worker.lock:
            order, self._wanted = self._wanted, None
            made, step, strength = self.made, self.step.value, self.strength.value
        if order is not None:
            self._edit(job, order)
        elif made is not None:
            job.tell(self._show_made, made, *made.at_step(min(step, made.last_step), strength))

    def _show_made(self, made: MadeEdit, images: torch.Tensor, ws: torch.Tensor) -> None:
        if made is self.made:
            self._forget_kept()
            self.view.show_edit(images, ws)

    def _answer_at_once(self) -> None:
        """At 0 steps a move of a control makes the edit anew."""
        if self.sliders.is_one_pass and not self._is_long:
            self._try(lambda: self._answer(self.order()))

    def _show_one_pass(self) -> None:
        """What the slider for steps does when it comes to 0."""
        if self.sliders.is_one_pass:
            self._show_scene()

    def _edit(self, job: Job, order: EditOrder) -> None:
        history: dict[str, list[float]] = {}
        with warnings.catch_warnings(record=True) as notes:
            warnings.simplefilter("always", UserWarning)
            target = order.target(self.sounds.features, self._bundle.encode_text)
        remarks = [str(note.message) for note in notes]
        if order.origin.is_photo:
            remarks.append(missing_water(order.origin, self.sounds.nearest_name(target)))
        remark = " ".join(filter(None, remarks))

        def follow(step: ManipulateStep) -> None:
            for name, value in step.losses.items():
                history.setdefault(name, []).append(value)
            if step.index % self._update_every == 0:
                job.tell(self._show_step, step, dict(history), remark)

        result = manipulate(
            order.origin.bundle,
            order.origin.ws,
            target_features=target,
            config=order.config,
            callback=follow,
            stop_asked=lambda: job.stop_asked,
        )
        made = MadeEdit(order, result)
        shown = made.at_step(made.last_step, self.strength.value)
        job.tell(self._finish, made, shown, remark)

    def _show_step(self, step: ManipulateStep, history: dict, remark: str) -> None:
        self.view.show_edit(step.images, step.ws, history, step.layer_weights)
        self._say(f"{remark} Step {step.index + 1} of {step.num_steps} ...".strip())

    def _finish(self, made: MadeEdit, shown: tuple, remark: str) -> None:
        if made.order.origin is not self.scene.origin:
            return
        self.made, result = made, made.result
        self._forget_kept()
        self.step.max = self.step.value = made.last_step
        mask = None if made.order.is_one_pass else result.layer_weights
        self.view.show_edit(*shown, result.history, mask)
        self._say(f"{remark} {made.in_words()}".strip())

    def _look_at(self, photo: Photo) -> None:
        """Make a photo the scene, as a job."""
        if self._is_long:
            self._say(f"Something runs; upload {photo.name} again when it has ended.", True)
            return
        self._say(f"Looking at {photo.name} ...")
        self._start_long(self._find, photo)

    def _find(self, job: Job, photo: Photo) -> None:
        origin = self.scene.find(photo, job, self._show_search)
        job.tell(self._set_out_from, origin)
        if origin.is_photo and self.sliders.is_one_pass and not job.stop_asked:
            order = self.order()
            if order.has_target:
                self._edit(job, order)

    def _show_search(self, images: torch.Tensor, sentence: str, is_photo: bool) -> None:
        if is_photo:
            self.made = None
            self.view.show_source(images, self.scene.origin.ws, self.sliders.num_steps.value)
        else:
            self.view.show_search(images)
        self._say(sentence)

    def _set_out_from(self, origin: Origin) -> None:
        """Choose it; a photo is edited in one pass first, where there is a mapper."""
        self.scene.keep(origin)
        if origin.is_photo:
            self.sliders.num_steps.value = self.sliders.num_steps.min
        self._show_source()

    def _show_scene(self) -> None:
        """The scene that the controls choose, while no long job runs."""
        if not self._is_long:
            self._show_source()
            self._answer_at_once()

    def _show_source(self) -> None:
        with self._worker.lock:
            origin = self.scene.origin
            self.made, self.step.value, self.step.max = None, 0, 0
            self._forget_kept()
            self.view.generator = origin.generator
            self.view.show_source(origin.images(), origin.ws, self.sliders.num_steps.value)
            self._say("Choose a sound, or write a text, and press Run.")

    def _redraw(self) -> None:
        """The edit as strong, and at the step, that the sliders say; nothing in a long job."""
        if self.made is not None and not self._is_long:
            self._answer()

    def _guarded(self, job: Job, work: Callable, *values) -> None:
        """Do the work of a job; what it raises becomes a sentence."""
        try:
            work(job, *values)
        except SgimError as error:
            job.tell(self._say, str(error), True)
        except Exception:
            job.tell(self._say, "It broke off; the notebook's log tells where.", True)
            raise

    def _try(self, work: Callable[[], None]) -> None:
        """Do it; what it refuses becomes a sentence."""
        try:
            work()
        except SgimError as error:
            self._say(str(error), True)
