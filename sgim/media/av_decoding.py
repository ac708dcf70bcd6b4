"""Phone and browser recordings, and the sound of films, decoded by PyAV where it is installed.

`ForeignSound` -> PyAV -> blocks of samples, as of every other file. PyAV is the extra "media".
"""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from sgim.checks import SgimError, require
from sgim.media.containers import truncated
from sgim.media.foreign_formats import ForeignSound
from sgim.media.waveforms import MAX_SECONDS, check_not_too_long, check_sample_rate, check_samples

BLOCK_SAMPLES = 1 << 19
TELL_LENGTH = ("mov", "matroska", "asf", "avi", "caf", "wav", "aiff", "ape", "wv", "tta")
"""Containers whose header tells the length and does not only guess it."""

SLACK_SECONDS = 0.5
MAX_CHANNELS = 8
"""Of more, PyAV reads memory that is not the frame's."""


class AvBlocks:
    """Blocks (num_samples, channels), float32, of a foreign sound; may be gone through twice.

    Parameters
    ----------
    stream : binary file
        All of the sound's file.
    sound : ForeignSound
        Only its demuxer is used, so that no play list opens other files.
    name : str
        What to call it in a complaint.

    Raises
    ------
    SgimError
        When PyAV is missing, or the sound is damaged, truncated, too long, or not there.
    """

    def __init__(self, stream: BinaryIO, sound: ForeignSound, name: str) -> None:
        try:
            import av
        except ImportError as error:
            raise SgimError(
                f"{name} is {sound}, which PyAV reads and is not installed: run `pip install av`."
            ) from error
        self.av, self.stream, self.sound, self.name = av, stream, sound, name
        self.seconds, self.num_channels = 0.0, None
        with self._open() as container:
            require(
                bool(container.streams.audio),
                f"{name} holds no sound ({sound.container or sound.codec}); pass one that does.",
            )
            track = container.streams.audio[0]
            if track.codec_context is None:
                raise self._damaged()
            self.sample_rate = track.codec_context.sample_rate
            self.told_seconds = self._told_seconds(container, track)
        check_sample_rate(self.sample_rate, name)
        if self.told_seconds is not None:
            check_not_too_long(self.told_seconds, name)

    def __iter__(self) -> Iterator[np.ndarray]:
        self.seconds, waiting, num_waiting = 0.0, [], 0
        with self._open() as container:
            try:
                for frame in self._frames(container):
                    waiting.append(self._samples(frame))
                    num_waiting += len(waiting[-1])
                    if num_waiting >= BLOCK_SAMPLES:
                        yield self._checked(waiting)
                        waiting, num_waiting = [], 0
                    if self.seconds > 2 * MAX_SECONDS:
                        break
            except self.av.FFmpegError as error:
                raise self._damaged() from error
        if waiting:
            yield self._checked(waiting)
        told = self.told_seconds
        if told is not None and self.seconds < told - SLACK_SECONDS:
            raise truncated(self.name)

    def _frames(self, container) -> Iterator:
        """Decoded frames; a wav cuts AAC anywhere, so the decoder is given all of it at once."""
        track = container.streams.audio[0]
        if (self.sound.demuxer, track.codec_context.name) != ("wav", "aac"):
            yield from container.decode(track)
            return
        content = b"".join(bytes(packet) for packet in container.demux(track))
        yield from track.codec_context.decode(self.av.Packet(content))

    def _open(self):
        self.stream.seek(0)
        try:
            return self.av.open(self.stream, format=self.sound.demuxer, metadata_errors="ignore")
        except self.av.FFmpegError as error:
            raise self._damaged() from error

    def _told_seconds(self, container, track) -> float | None:
        if self.sound.demuxer not in TELL_LENGTH:
            return None
        if track.duration is not None:
            return float(track.duration * track.time_base)
        alone = len(container.streams) == 1 and container.duration is not None
        return container.duration / self.av.time_base if alone else None

    def _samples(self, frame) -> np.ndarray:
        """A frame of any sample format -> (num_samples, channels), float32 in [-1, 1]."""
        channels = len(frame.layout.channels)
        require(
            channels <= MAX_CHANNELS,
            f"{self.name} has {channels} channels; of {self.sound} at most {MAX_CHANNELS} can be "
            "read: convert it to wav.",
        )
        self.num_channels = self.num_channels or channels
        require(
            (frame.sample_rate, channels) == (self.sample_rate, self.num_channels),
            f"{self.name} changes its sample rate or channels midway; convert it to wav.",
        )
        samples = frame.to_ndarray()
        samples = samples.T if frame.format.is_planar else samples.reshape(-1, channels)
        if samples.dtype.kind == "f":
            return samples.astype(np.float32)
        middle = 128.0 if samples.dtype.kind == "u" else 0.0
        full_scale = 2.0 ** (8 * samples.dtype.itemsize - 1)
        return ((samples - middle) / full_scale).astype(np.float32)

    def _checked(self, frames: list[np.ndarray]) -> np.ndarray:
        block = np.concatenate(frames)
        check_samples(block, self.sample_rate, self.name)
        self.seconds += len(block) / self.sample_rate
        return block

    def _damaged(self) -> SgimError:
        return SgimError(
            f"{self.name} is {self.sound} that cannot be decoded: it is damaged, truncated or put "
            "together wrongly; copy it again, or convert the original."
        )
