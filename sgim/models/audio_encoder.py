"""Audio encoder: a residual network that puts a sound where CLIP puts its words and pictures.

Data flow: log_mel (batch, 1, n_mels, n_frames) -> residual blocks -> mean and maximum over time,
frequency kept in four bins -> audio features (batch, embed_dim). Or a ResNet of timm in between.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from sgim.checks import require, require_in_range, require_one_of
from sgim.media.log_mel import LogMelConfig, windows
from sgim.media.silence import sounding

BACKBONES = ("mini", "resnet18", "resnet50")
MAX_CLIPS = 12


@dataclass(frozen=True, kw_only=True)
class Certainty:
    """How cosines with names become probabilities; see `sgim.embedding.certainty`.

    `scale` multiplies cosines before a softmax, `clear_bias` is added to what says "no weather".
    A sound whose weathers together have a probability below `least_weather` is none of them.
    """

    scale: float = 1 / 0.07
    clear_bias: float = 0.0
    least_weather: float = 0.5

    def __post_init__(self):
        require(self.scale > 0, f"scale is {self.scale}; it must be above 0.")
        require_in_range("least_weather", self.least_weather, 0.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class AudioEncoderConfig:
    """Sizes of the encoder, the front end that belongs to it, the seconds it hears at once, and how
    certain it may be.

    `backbone` is "mini", or timm's untrained "resnet50" or "resnet18" with one input channel:
    arXiv 2112.00007 names the first of these, its published code uses the second. `widths` and
    `frequency_bins` shape the mini network alone.
    """

    backbone: str = "mini"
    embed_dim: int = 128
    seconds: float = 5.0
    widths: tuple[int, ...] = (16, 32, 64, 128)
    frequency_bins: int = 4
    dropout: float = 0.2
    log_mel: LogMelConfig = field(default_factory=LogMelConfig)
    certainty: Certainty = Certainty()

    def __post_init__(self):
        require_one_of("backbone", self.backbone, BACKBONES)
        sizes = (self.embed_dim, self.frequency_bins, *self.widths)
        require(min(sizes) > 0, f"embed_dim, frequency_bins, widths hold {sizes}; all must be > 0.")
        require(
            len(self.widths) >= 2, f"widths is {self.widths}; give a stem and at least a block."
        )
        require_in_range("dropout", self.dropout, 0.0, 0.9)

    @classmethod
    def from_dict(cls, settings: dict) -> "AudioEncoderConfig":
        """The config of which `dataclasses.asdict` made `settings`."""
        parts = {"log_mel": LogMelConfig, "certainty": Certainty}
        made = {name: part(**settings.get(name, {})) for name, part in parts.items()}
        return cls(**(settings | made))

    @property
    def num_samples(self) -> int:
        """Samples in one window."""
        return round(self.seconds * self.log_mel.sample_rate)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside a 1x1 shortcut; halves both axes (He et al. 2016, section 3)."""

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=2, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential(
            nn.AvgPool2d(2, ceil_mode=True),
            nn.Conv2d(in_channels, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        residual = F.relu(self.norm1(self.conv1(x)))
        residual = self.norm2(self.conv2(residual))
        return F.relu(residual + self.shortcut(x))


class AudioEncoder(nn.Module):
    """Residual network over log-mel pictures; 0.43 M parameters with the default config.

    Examples
    --------
    >>> encoder = AudioEncoder(AudioEncoderConfig())
    >>> tuple(encoder(torch.randn(2, 1, 64, 501)).shape)
    (2, 128)
    """

    def __init__(self, config: AudioEncoderConfig = AudioEncoderConfig()):
        super().__init__()
        self.config = config
        if config.backbone == "mini":
            width = config.widths[0]
            self.stem = nn.Sequential(
                nn.Conv2d(1, width, 5, stride=2, padding=2, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
            )
            self.blocks = nn.Sequential(*(ResidualBlock(a, b) for a, b in pairwise(config.widths)))
            self.dropout = nn.Dropout(config.dropout)
            num_pooled = 2 * config.frequency_bins * config.widths[-1]
            self.projection = nn.Linear(num_pooled, config.embed_dim)
        else:
            import timm

            self.resnet = timm.create_model(
                config.backbone,
                pretrained=False,
                in_chans=1,
                num_classes=config.embed_dim,
                drop_rate=config.dropout,
            )

    def forward(self, log_mel: torch.Tensor, normalize: bool = True) -> torch.Tensor:
        """Audio features of log-mel pictures.

        Parameters
        ----------
        log_mel : (batch, 1, n_mels, n_frames) from `LogMel` with `config.log_mel`
        normalize : scale each row to unit norm

        Returns
        -------
        audio_features : (batch, embed_dim)

        Raises
        ------
        SgimError
            if `log_mel` has another shape
        """
        n_mels = self.config.log_mel.n_mels
        require(
            log_mel.ndim == 4 and tuple(log_mel.shape[1:3]) == (1, n_mels),
            f"log_mel has shape {tuple(log_mel.shape)}; it must be (batch, 1, {n_mels}, n_frames): "
            "make it with sgim.media.log_mel.LogMel.",
        )
        network = self._mini if self.config.backbone == "mini" else self.resnet
        features = network(log_mel).float()
        return F.normalize(features, dim=1) if normalize else features

    def clips(self, waveform: torch.Tensor) -> torch.Tensor:
        """The parts of a sound (num_samples,) that are heard: (1 to 12, config.num_samples).

        Windows over what sounds; long silence is passed over.
        """
        heard = sounding(waveform, self.config.log_mel.sample_rate)
        return windows(heard, self.config.num_samples, MAX_CLIPS)

    def _mini(self, log_mel: torch.Tensor) -> torch.Tensor:
        x = self.blocks(self.stem(log_mel))
        pooled = torch.cat([x.mean(3), x.amax(3)], dim=1)
        pooled = F.adaptive_avg_pool1d(pooled, self.config.frequency_bins).flatten(1)
        return self.projection(self.dropout(pooled))
