"""A picture that follows a sound while it comes, piece by piece, as a film follows a whole one.

piece of a sound -> what was heard lately -> latents, smoothed with those before -> some pictures
"""

from dataclasses import dataclass, field

import torch

from sgim.animation import drawn, moved_in_time
from sgim.bundle import Bundle
from sgim.checks import require
from sgim.devices import ordinary_torch, threads_for
from sgim.editing.latents import as_ws
from sgim.embedding.hearing import Heard
from sgim.embedding.listening import Listener
from sgim.media.given_sounds import to_waveform

PIECE_SECONDS = 1.0
FPS = 4
"""Pictures per second of sound."""

LAG_SECONDS = 0.5
"""So long the picture waits for what comes, to be as calm as a film."""

SILENCE_BEFORE = 2.0
"""Seconds, so that the first sound comes as softly as later ones."""

LATELY_SECONDS = 4.0
REMEMBERED_SECONDS = 30.0
LONGEST_PIECE = 3.0
LOUDEST = 4.0
"""What resampling and loud microphones may reach; whole numbers of 16 bits reach far more."""

QUIET_DB = -40.0
"""Of full scale: the hiss of a quiet room is not loud, even where nothing else sounds."""


@dataclass(frozen=True, kw_only=True)
class LiveMoment:
    """What came of one piece of a sound.

    Attributes
    ----------
    ws : torch.Tensor, (frames, num_ws, w_dim)
    images : torch.Tensor, (frames, 3, height, width) in [-1, 1]
    sounds : bool
        Whether anything sounded at its end.
    heard : Heard or None
        As what, where the bundle knows weathers.
    """

    ws: torch.Tensor = field(repr=False)
    images: torch.Tensor = field(repr=False)
    sounds: bool
    heard: Heard | None

    def in_words(self) -> str:
        """What was heard, and whether it moves the picture."""
        if not self.sounds:
            return "Nothing sounds."
        if self.heard is None:
            return "Something sounds."
        if self.heard.is_weather:
            return f"Sounds like {self.heard}."
        return f"Sounds like {self.heard}. It does not move the picture."


def _kind(piece) -> str:
    if isinstance(piece, torch.Tensor):
        return f"a tensor {tuple(piece.shape)} of {str(piece.dtype).removeprefix('torch.')}"
    return f"a {type(piece).__name__}"


class LivePicture:
    """Hears pieces of a sound and gives pictures that follow it, half a second late.

    What is none of the weathers counts as silence, and silence shows the source.

    Parameters
    ----------
    bundle : Bundle
        With a mapper: the optimizer is too slow.
    source_ws : latents of the picture in silence, as `manipulate` takes them
    """

    def __init__(self, bundle: Bundle, source_ws) -> None:
        require(
            bundle.mapper is not None,
            "the bundle has no mapper, and a picture that follows a sound at once takes one pass; "
            "use the bundle 'mini', or train one: see docs/training.md.",
        )
        self._bundle = bundle
        self._source_ws = as_ws(source_ws, bundle.generator)
        self._listener = Listener(
            bundle,
            lately=LATELY_SECONDS,
            remembered=REMEMBERED_SECONDS,
            quiet_db=QUIET_DB,
            weathers_only=True,
        )
        self._listener.hear(torch.zeros(round(SILENCE_BEFORE * bundle.sample_rate)))

    def follow(self, sound, sample_rate: int | None = None) -> list[LiveMoment]:
        """Hear a recording second by second as if it came from a microphone.

        Parameters
        ----------
        sound : path, bytes or open file of a recording, or samples, as `Bundle.encode_audio` takes
        sample_rate : int
            Required for samples, not for files.

        Returns
        -------
        list of LiveMoment, one for each second

        Raises
        ------
        SgimError
            For a sound that cannot be read.
        """
        return [self.hear(piece) for piece in pieces_of(self._bundle, sound, sample_rate)]

    @ordinary_torch()
    @torch.no_grad()
    def hear(self, piece: torch.Tensor) -> LiveMoment:
        """Pictures up to half a second before the end of this piece.

        Parameters
        ----------
        piece : torch.Tensor, (num_samples,), floats in [-1, 1] at the bundle's rate, 3 s at most
            What was lost between two pieces is passed over.

        Raises
        ------
        SgimError
            For another piece; nothing of it is remembered.
        """
        rule = "a row of finite floats in [-1, 1], as a microphone gives: convert it."
        require(
            isinstance(piece, torch.Tensor) and piece.ndim == 1 and piece.is_floating_point(),
            f"the piece of sound is {_kind(piece)}; it must be a torch.Tensor, {rule}",
        )
        loudest = piece.abs().max().item() if len(piece) else 0.0
        require(loudest <= LOUDEST, f"the piece of sound reaches {loudest:.3g}; it must be {rule}")
        longest = round(LONGEST_PIECE * self._bundle.sample_rate)
        require(
            len(piece) <= longest,
            f"the piece of sound has {len(piece)} samples; at most {longest}, {LONGEST_PIECE:g} s, "
            "are heard at once: split it, or use follow.",
        )
        moments, generator = self._listener.hear(piece), self._bundle.generator
        frames_before = torch.arange(round(FPS * LATELY_SECONDS) - 1, -1, -1)
        times = self._listener.seconds - frames_before / FPS
        ws = self._source_ws.expand(len(times), -1, -1)
        if moments.sounds:
            ws = moved_in_time(self._bundle, self._source_ws, moments, times)
        end = len(times) - round(FPS * LAG_SECONDS)
        shown = slice(end - max(1, round(FPS * len(piece) / self._bundle.sample_rate)), end)
        with threads_for((end - shown.start) * generator.img_resolution**2):
            images = drawn(generator, ws[shown], times[shown])
        return LiveMoment(
            ws=ws[shown],
            images=images,
            sounds=bool(moments.features[-1].any()),
            heard=moments.heard[-1],
        )


def pieces_of(bundle: Bundle, sound, sample_rate: int | None = None) -> tuple[torch.Tensor, ...]:
    """A recording in pieces of a second at the bundle's rate; the last may be shorter."""
    waveform = to_waveform(sound, sample_rate, bundle.sample_rate)
    return waveform.split(round(PIECE_SECONDS * bundle.sample_rate))
