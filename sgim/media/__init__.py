"""Sounds and pictures as tensors, by way of the log-mel front end.

a wav, a photo -> waveform, log-mel (n_mels, n_frames), picture in [-1, 1] -> and pictures to files.
"""

from sgim.lazy_names import lazy_names

# Public names are imported when they are first used.
__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "log_mel": ["LogMel"],
        "sound_files": ["read_sound"],
        "waveforms": ["as_waveform"],
    },
)
