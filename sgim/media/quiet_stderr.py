"""Keeps decoders quiet, which write to stderr by themselves.

with quiet_stderr: decode -> nothing on the screen
"""

import os
import threading


class _QuietStderr:
    """Keeps off the screen what libraries write to stderr about damaged files.

    Threads may read at once: the first one in turns stderr away, the last one out turns it back.
    """

    def __init__(self) -> None:
        self.lock, self.readers, self.stderr = threading.Lock(), 0, None

    def __enter__(self) -> None:
        with self.lock:
            self.readers += 1
            if self.readers == 1:
                self.stderr = self._turn_away()

    def __exit__(self, *_) -> None:
        with self.lock:
            self.readers -= 1
            if self.readers == 0 and self.stderr is not None:
                os.dup2(self.stderr, 2)
                os.close(self.stderr)

    @staticmethod
    def _turn_away() -> int | None:
        """A copy of stderr, which now leads nowhere; None where there is no stderr."""
        try:
            copy = os.dup(2)
        except OSError:
            return None
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)
        os.close(null)
        return copy


quiet_stderr = _QuietStderr()
