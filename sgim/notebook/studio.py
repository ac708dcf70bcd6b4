"""The Studio: a sound, a scene and settings in, an edit to watch, to compare and to keep.

controls -> `EditOrder` -> jobs (`sgim.notebook.studio_edits`) -> `MadeEdit` -> files, code

What goes wrong appears in the Studio as one sentence.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import traitlets

from sgim.checks import SgimError, require
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulate_result import ManipulateResult
from sgim.editing.strength import scale_edit
from sgim.notebook.studio_job import Job
from sgim.notebook.studio_live import StudioLive
from sgim.notebook.studio_order import EditOrder
from sgim.notebook.studio_saving import save_edit
from sgim.notebook.studio_sliders import own_settings

NO_EDIT = "there is no edit to keep; press Run first."
STOPPED = " The edit was stopped; settings.json makes the whole one, edit.py this one."


class Studio(StudioLive):
    """Controls on the left; Run, Stop, Reset, pictures, drawings and files on the right.

    Every edit runs in a thread of its own, so Stop is heard while it runs. `made` holds the edit
    that is shown and its order, None while none is.

    An edit sets out from a scene by number, from an uploaded photo, over which weather is painted,
    or from the painted scene nearest to a photo. At 0 steps it takes one pass of the bundle's
    mapper, and answers each move of a control. The button live beside the recorder lets the picture
    follow the microphone; `listen` does so with a recording.

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
        config = config or own_settings(bundle_name)
        layout = (bundle, own_sounds or {}, config, scene_seed)
        super().__init__(*layout, update_every=update_every)
        self._bundle_name = bundle_name
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
        sounds, sliders = self.sounds, self.sliders
        heard = (sounds.sound, sounds.intensity, sounds.text, sounds.mix)
        for one in (*heard, sliders.layers):
            one.observe(lambda _: self._answer_at_once(), names="value")
        sliders.num_steps.observe(lambda _: self._show_one_pass(), names="value")

    @property
    def result(self) -> ManipulateResult | None:
        """The edit that is shown, as strong as the slider says."""
        if self.made is None:
            return None
        generator = self.made.order.origin.generator
        return scale_edit(generator, self.made.result, self.strength.value)

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
            origin=self.scene.origin,
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
        require(not self._is_long, "an edit runs; stop it or wait for it first.")
        self.wait()
        self._set_busy(True)
        try:
            self._set_controls(choices)
        finally:
            self._set_busy(False)
        self.start()
        self.wait()
        require(self.made is not None, self._sentence)
        return self.result

    def _set_controls(self, choices: Mapping[str, object]) -> None:
        for name, value in choices.items():
            known = name in self.controls
            require(known, f"{name!r} is no control; they are {', '.join(self.controls)}.")
            try:
                self.controls[name].value = value
            except (traitlets.TraitError, ValueError, TypeError) as error:
                raise SgimError(f"{name} is {value!r}; the control does not take it.") from error

    def start(self) -> None:
        """What Run does; nothing while a long job runs."""
        if not self._is_long:
            self._try(self._begin)

    def wait(self, timeout: float | None = None) -> None:
        """Return when what runs has ended, or after `timeout` seconds."""
        self._worker.wait(timeout)

    def start_over(self) -> None:
        """What Reset does: the job is forgotten, the controls stand as at first."""
        self._worker.forget()
        self.view.clear()
        self.made = self._wanted = None
        self._set_busy(True)
        self._set_controls(self._first_values)
        self._set_busy(False)
        self._show_scene()

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
        return save_edit(self.made, self.strength.value, path)

    def code(self) -> str:
        """The call of `manipulate` that makes the picture; files it reads go to the folder."""
        require(self.made is not None, NO_EDIT)
        return self.made.code(Path(self.folder.value), self.strength.value)

    def _begin(self) -> None:
        order = self.order()
        self._show_source()
        if order.is_one_pass:
            self._answer(order)
        else:
            self._start_long(self._edit, order)

    def _begin_saving(self) -> None:
        """Save as a job: an animation has many pictures."""
        require(not self._is_long, "something runs; save again when it has ended.")
        require(self.made is not None, NO_EDIT)
        self._start_long(self._save, Path(self.folder.value))

    def _save(self, job: Job, folder: Path) -> None:
        made = self.made
        names = save_edit(made, self.strength.value, folder)
        job.tell(self.downloads.offer, folder, names)
        note = "" if made.stopped_after is None else STOPPED
        job.tell(self._say, f"In the folder {folder}: {', '.join(names)}.{note}")

    def _show_code(self) -> None:
        self.code_text.value = self.code()
        self.code_text.layout.display = None
        self.code_text.focus()
