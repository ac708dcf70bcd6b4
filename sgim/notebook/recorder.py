"""A microphone in a notebook: what the page records comes to the kernel as a WAV file.

a click in the page -> samples, mono -> 16-bit WAV -> `MicrophoneRecorder.recording`
"""

from pathlib import Path

import anywidget
import traitlets


class MicrophoneRecorder(anywidget.AnyWidget):
    """A button that records until it is pressed again.

    Where the page has no microphone, or may not use it, one sentence beside the button says so.

    Attributes
    ----------
    recording : bytes
        The newest recording as a WAV file, empty before the first.
    sample_rate : int
        Samples per second of the recording.
    max_seconds : float
        A recording ends by itself after so long.
    """

    _esm = Path(__file__).with_name("recorder.js").read_text(encoding="utf-8")
    recording = traitlets.Bytes(b"").tag(sync=True, from_json=lambda content, _: bytes(content))
    sample_rate = traitlets.Int(16_000).tag(sync=True)
    max_seconds = traitlets.Float(10.0).tag(sync=True)

    def __repr__(self) -> str:
        """What a page shows on which no kernel runs."""
        return "A button that records a sound: run the notebook to use it."
