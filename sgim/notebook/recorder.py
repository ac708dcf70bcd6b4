"""A microphone in a notebook: what the page records comes to the kernel, at its end or live.

a click in the page -> samples, mono -> 16-bit WAV -> `MicrophoneRecorder.recording`
a click on live -> samples of each second -> `pieces`, of which the newest counts
"""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import anywidget
import numpy as np
import torch
import traitlets

from sgim.checks import require
from sgim.media.waveforms import check_sample_rate, mix

LONGEST_WAIT = 10.0
"""Seconds without a piece after which the page counts as gone."""

GLANCE_SECONDS = 0.1


class NewestPiece:
    """Where a piece of a sound waits until it is taken; the next one takes its place.

    Attributes
    ----------
    dropped : int
        How many pieces nobody took.
    """

    def __init__(self) -> None:
        self._piece: torch.Tensor | None = None
        self._there = threading.Condition()
        self.dropped = 0

    def put(self, piece: torch.Tensor) -> None:
        """Leave a piece; this returns at once."""
        with self._there:
            self.dropped += self._piece is not None
            self._piece = piece
            self._there.notify()

    def comes_within(self, seconds: float) -> bool:
        """Wait until a piece is there, at most so long; whether one is."""
        with self._there:
            return self._there.wait_for(lambda: self._piece is not None, seconds)

    def until(self, stop_asked: Callable[[], bool]) -> Iterator[torch.Tensor]:
        """Pieces as they come, the newest each time.

        Raises
        ------
        SgimError
            When none comes for long.
        """
        waited = 0.0
        while not stop_asked():
            waited += GLANCE_SECONDS
            if self.comes_within(GLANCE_SECONDS):
                waited = 0.0
                with self._there:
                    piece, self._piece = self._piece, None
                yield piece
            require(
                waited < LONGEST_WAIT,
                "no sound comes from the page any more; press live once again.",
            )


class MicrophoneRecorder(anywidget.AnyWidget):
    """A button that records until it is pressed again, and one that hands on what it hears.

    Where the page has no microphone, or may not use it, one sentence beside the buttons says so.

    Attributes
    ----------
    recording : bytes
        The newest recording as a WAV file, empty before the first.
    sample_rate : int
        Samples per second of the recording, and of pieces.
    max_seconds : float
        A recording ends by itself after so long.
    offers_live : bool
        Whether there is a second button, which begins and ends `live`.
    live : bool
        Whether the page sends a piece (num_samples,) each second to `pieces`.
    """

    _esm = Path(__file__).with_name("recorder.js").read_text(encoding="utf-8")
    recording = traitlets.Bytes(b"").tag(sync=True, from_json=lambda content, _: bytes(content))
    sample_rate = traitlets.Int(16_000).tag(sync=True)
    max_seconds = traitlets.Float(10.0).tag(sync=True)
    offers_live = traitlets.Bool(False).tag(sync=True)
    live = traitlets.Bool(False).tag(sync=True)

    def __init__(self, **traits):
        super().__init__(**traits)
        self.pieces = NewestPiece()
        self.on_msg(self._take_piece)

    def _take_piece(self, _, content: dict, buffers: list[memoryview]) -> None:
        if self.live and buffers:
            check_sample_rate(content["sample_rate"], "the page's microphone")
            samples = np.frombuffer(buffers[0], "<i2").astype(np.float32)[:, None] / 2**15
            mono = mix([samples], content["sample_rate"], self.sample_rate)
            self.pieces.put(torch.from_numpy(mono))

    def __repr__(self) -> str:
        """What a page shows on which no kernel runs."""
        return "A button that records a sound: run the notebook to use it."
