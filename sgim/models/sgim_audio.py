"""The audio encoder that the authors of SGIM released, with the front end that it was trained with.

waveform (batch, num_samples) at 44.1 kHz -> `SgimFrontEnd` -> pictures (batch, 1, 128, 512) in
[0, 1] -> `SgimAudioEncoder` -> audio features (batch, 512)

Source: the published code of Lee et al. 2022 (arXiv 2112.00007), whose weights this reads.
"""

import os

import timm
import torch
import torch.nn.functional as F
import torchaudio
from torch import nn

from sgim.checks import require
from sgim.devices import ordinary_torch
from sgim.files.checkpoint import load_frozen
from sgim.files.state_dicts import read_tensors
from sgim.media.silence import sounding

SAMPLE_RATE = 44_100
N_FFT = 2048
HOP_LENGTH = 512
N_MELS = 128
NUM_FRAMES = 864
"""About 10 s; of a longer sound the rest goes unheard."""

RESIZED_WIDTH = 512
TOP_DB = 80.0
LEAST_POWER = 1e-10
FRAMES_AT_ONCE = 1024
EMBED_DIM = 512


class SgimFrontEnd(nn.Module):
    """Log-mel pictures as the published code makes them, scramble included.

    1. Power mel spectrogram with librosa's defaults: periodic Hann window of 2048 samples, a frame
       every 512, zeros beyond both ends, 128 Slaney bands of equal area up to 22.05 kHz.
    2. In dB below the loudest value of the whole sound, cut off at -80, mapped to [0, 1].
    3. The first 864 frames; a shorter sound is filled up with zeros on its right. (The published
       code takes 864 frames at a random place; the first ones give the same answer every time.)
    4. The picture of (128 bands, 864 frames) is resized to 512 rows of 128 numbers, bilinearly and
       without antialiasing: the bands are stretched and time is squeezed.
    5. These numbers, row after row, are read as 128 rows of 512. Each row now holds four rows of
       the resized picture side by side: four neighboring heights of the mel axis, each with the
       whole sound. It is a slip where a transposition was meant, and the weights were trained
       on it, so they make sense with nothing else.

    Examples
    --------
    >>> tuple(SgimFrontEnd()(torch.randn(2, 44_100)).shape)
    (2, 1, 128, 512)
    """

    sample_rate = SAMPLE_RATE

    def __init__(self):
        super().__init__()
        filters = torchaudio.functional.melscale_fbanks(
            n_freqs=N_FFT // 2 + 1,
            f_min=0.0,
            f_max=SAMPLE_RATE / 2,
            n_mels=N_MELS,
            sample_rate=SAMPLE_RATE,
            norm="slaney",
            mel_scale="slaney",
        )
        self.register_buffer("filters", filters, persistent=False)
        self.register_buffer("window", torch.hann_window(N_FFT), persistent=False)

    def forward(self, waveform: torch.Tensor) -> torch.Tensor:
        """Pictures of sounds.

        Parameters
        ----------
        waveform : (batch, num_samples) at 44.1 kHz

        Returns
        -------
        (batch, 1, 128, 512) in [0, 1]

        Raises
        ------
        SgimError
            If `waveform` has another shape or is empty.
        """
        require(
            waveform.ndim == 2 and waveform.numel() > 0,
            f"waveform has shape {tuple(waveform.shape)}; it must be (batch, num_samples) and not "
            "empty: add the batch axis.",
        )
        levels = torch.stack([self._levels(sound) for sound in waveform])
        resized = F.interpolate(
            levels[:, None], (RESIZED_WIDTH, N_MELS), mode="bilinear", align_corners=False
        )
        return resized.reshape(len(waveform), 1, N_MELS, RESIZED_WIDTH)

    def _levels(self, sound: torch.Tensor) -> torch.Tensor:
        """(num_samples,) -> (128, 864) in [0, 1]."""
        frames = F.pad(sound, (N_FFT // 2, N_FFT // 2)).unfold(0, N_FFT, HOP_LENGTH)
        power = torch.cat([self._mel_power(some) for some in frames.split(FRAMES_AT_ONCE)])
        level = 10.0 * torch.log10(power.clamp_min(LEAST_POWER))
        level = (level - level.max()).clamp_min(-TOP_DB) / TOP_DB + 1.0
        level = level[:NUM_FRAMES].T
        return F.pad(level, (0, NUM_FRAMES - level.shape[1]))

    def _mel_power(self, frames: torch.Tensor) -> torch.Tensor:
        """(n_frames, 2048) -> (n_frames, 128)."""
        return torch.fft.rfft(frames * self.window).abs().square() @ self.filters


class SgimAudioEncoder(nn.Module):
    """One convolution to three channels, then timm's ResNet-18 with 512 outputs.

    The modules are named as in the published weights.

    Examples
    --------
    >>> tuple(SgimAudioEncoder().eval()(torch.rand(2, 1, 128, 512)).shape)
    (2, 512)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3)
        self.feature_extractor = timm.create_model(
            "resnet18", pretrained=False, num_classes=EMBED_DIM
        )

    def forward(self, pictures: torch.Tensor, normalize: bool = True) -> torch.Tensor:
        """Audio features of pictures that `SgimFrontEnd` made.

        Parameters
        ----------
        pictures : (batch, 1, 128, 512)
        normalize : scale each row to unit norm

        Returns
        -------
        audio_features : (batch, 512)

        Raises
        ------
        SgimError
            If `pictures` has another shape.
        """
        require(
            pictures.ndim == 4 and tuple(pictures.shape[1:]) == (1, N_MELS, RESIZED_WIDTH),
            f"pictures have shape {tuple(pictures.shape)}; the rule is (batch, 1, {N_MELS}, "
            f"{RESIZED_WIDTH}): make them with SgimFrontEnd.",
        )
        features = self.feature_extractor(self.conv(pictures))
        return F.normalize(features, dim=1) if normalize else features

    def clips(self, waveform: torch.Tensor) -> torch.Tensor:
        """What sounds of a sound (num_samples,), without long silence: (1, num_kept_samples)."""
        return sounding(waveform, SAMPLE_RATE)[None]


@ordinary_torch()
def load_sgim_audio(
    path: str | os.PathLike, device: str | torch.device = "cpu"
) -> SgimAudioEncoder:
    """Read the released audio encoder, frozen; nothing inside the file is executed.

    Parameters
    ----------
    path : path
        A file with a state dict, whose names may begin with `module.`.
    device : str or torch.device

    Raises
    ------
    SgimError
        When the file is missing, damaged, hostile, or holds another network.
    """
    return load_frozen(
        SgimAudioEncoder(), read_tensors(path), device, f"{path} is not the audio encoder of SGIM"
    )
