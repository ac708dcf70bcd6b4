"""Live mode of the Studio: the picture follows a microphone, second by second.

pieces of a sound, from the page or from a recording -> `LivePicture` -> pictures and a sentence
"""

from collections.abc import Callable, Iterable

import torch

from sgim.checks import require
from sgim.live_picture import FPS, LiveMoment, LivePicture, pieces_of
from sgim.notebook.studio_edits import StudioEdits
from sgim.notebook.studio_job import Job
from sgim.notebook.studio_origin import Origin


class StudioLive(StudioEdits):
    """The widgets and jobs of the Studio, and a job that ends at Stop and follows a sound.

    The computing of each second must take less. Where it takes more, seconds are dropped, and none
    waits in a queue. What is none of the weathers does not move the picture.
    """

    def __init__(self, *layout, update_every: int):
        super().__init__(*layout, update_every=update_every)
        self._recorder = self.sounds.recorder
        self._recorder.observe(self._go_live, names="live")

    def listen(self, sound, sample_rate: int | None = None) -> list[LiveMoment]:
        """Show what `LivePicture.follow` makes of a recording, as if a microphone heard it.

        Raises
        ------
        SgimError
            For a sound that cannot be read, while something runs, and without a mapper.
        """
        require(not self._is_long, "something runs; stop it or wait for it first.")
        pieces = pieces_of(self._bundle, sound, sample_rate)
        kept: list[LiveMoment] = []
        self._start_long(self._follow_sound, pieces, kept.append)
        self._worker.wait()
        require(len(kept) > 0, self._sentence)
        return kept

    def _go_live(self, change) -> None:
        """What the button beside the recorder does, in the page."""
        if not change["new"]:
            self._worker.stop()
        elif self._is_long:
            self._recorder.live = False
            self._say("Something runs; press live again when it has ended.", True)
        else:
            self._start_long(self._follow_microphone)

    def _follow_microphone(self, job: Job) -> None:
        pieces = self._recorder.pieces
        before = pieces.dropped
        try:
            self._follow_sound(
                job,
                pieces.until(lambda: job.stop_asked),
                lambda _: None,
                lambda: pieces.comes_within(1 / FPS),
                lambda: pieces.dropped - before,
            )
        finally:
            self._recorder.live = False

    def _follow_sound(
        self,
        job: Job,
        pieces: Iterable[torch.Tensor],
        keep: Callable[[LiveMoment], object],
        next_comes: Callable[[], bool] = lambda: False,
        dropped: Callable[[], int] = lambda: 0,
    ) -> None:
        """Show what each piece does to the scene, until they end or Stop.

        `next_comes` waits for the time of a picture, and tells when the next piece is there.
        """
        origin = self.scene.origin
        job.tell(self._show_without_curves, origin)
        live = LivePicture(origin.bundle, origin.ws)
        for number, piece in enumerate(pieces, start=1):
            moment = live.hear(piece)
            keep(moment)
            job.tell(self._say, _told(moment, number, dropped()))
            for images, ws in zip(moment.images.split(1), moment.ws.split(1), strict=True):
                job.tell(self.view.show_edit, images, ws)
                if job.stop_asked or next_comes():
                    break
            if job.stop_asked:
                break
        job.tell(self._say, "Live mode has ended; the picture shows what was heard last.")

    def _show_without_curves(self, origin: Origin) -> None:
        self._show_source()
        self.view.show_source(origin.images(), origin.ws, 0)


def _told(moment: LiveMoment, number: int, dropped: int) -> str:
    late = f" {dropped} of {number + dropped} s were dropped: computing takes longer than sound."
    return f"Live: {moment.in_words()}{late if dropped else ''}"
