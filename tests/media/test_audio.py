import librosa
import numpy as np
import pytest
import torch
import torchaudio

from sgim.checks import SgimError
from sgim.media.log_mel import LogMel, LogMelConfig, windows
from sgim.models.audio_encoder import AudioEncoder, AudioEncoderConfig


def noise(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def test_log_mel_agrees_with_librosa_within_a_hundredth_decibel():
    sweep = librosa.chirp(fmin=50, fmax=7500, sr=16000, duration=1.0).astype(np.float32)
    waveform = 0.3 * sweep + 0.001 * noise(16000).numpy()
    power = librosa.feature.melspectrogram(
        y=waveform, sr=16000, n_fft=512, hop_length=160, n_mels=64, fmin=40, fmax=8000,
        htk=True, norm=None, power=2.0, center=True, pad_mode="reflect",
    )  # fmt: skip
    level = 10 * np.log10(np.maximum(power, 1e-10))
    level = np.maximum(level, level.max() - 70)
    expected = (level - level.mean()) / 15
    log_mel = LogMel()(torch.from_numpy(waveform)[None])[0, 0].numpy()
    assert np.abs(log_mel - expected).max() * 15 < 0.01


def test_log_mel_takes_torchaudios_frames_at_every_length():
    reference = torchaudio.transforms.MelSpectrogram(
        sample_rate=16000, n_fft=512, hop_length=160, n_mels=64, f_min=40.0, f_max=8000.0
    )
    for length in (257, 1000, 1601):
        level = 10 * reference(noise(5, length)).log10()
        expected = (level - level.mean((1, 2), keepdim=True)) / 15
        assert torch.allclose(LogMel()(noise(5, length))[:, 0], expected, atol=1e-4)


def test_log_mel_hears_no_level_and_no_neighbors():
    front_end = LogMel()
    waveform = 0.1 * noise(1, 16000)
    alone = front_end(waveform)
    beside = front_end(torch.cat([waveform, 8.0 * waveform, 1e-3 * noise(1, 16000)]))
    assert alone.shape == (1, 1, 64, 101)
    assert torch.allclose(beside[:1], alone, atol=1e-5)
    assert torch.allclose(beside[1:2], alone, atol=1e-4)
    assert torch.allclose(beside.mean((1, 2, 3)), torch.zeros(3), atol=1e-5)


def test_log_mel_keeps_seventy_decibels_and_takes_silence():
    waveform = torch.zeros(2, 16000)
    waveform[0, 5000] = 1.0
    log_mel = LogMel()(waveform)
    assert (log_mel[0].max() - log_mel[0].min()).item() * 15 == pytest.approx(70.0, abs=1e-3)
    assert torch.equal(log_mel[1], torch.zeros_like(log_mel[1]))


def test_log_mel_refuses_wrong_shapes_and_settings():
    with pytest.raises(SgimError, match="batch, num_samples"):
        LogMel()(torch.zeros(16000))
    with pytest.raises(SgimError, match=r"\(0, 16000\)"):
        LogMel()(torch.zeros(0, 16000))
    with pytest.raises(SgimError, match="f_max"):
        LogMelConfig(f_max=9000.0)
    with pytest.raises(SgimError, match="n_mels"):
        LogMelConfig(n_mels=0)


def test_windows_cover_a_long_sound_evenly_and_repeat_a_short_one():
    assert windows(torch.arange(10), 4, 8).tolist() == [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9]]
    assert windows(torch.arange(100), 10, 3)[:, 0].tolist() == [0, 45, 90]
    assert windows(torch.arange(3), 5, 4).tolist() == [[0, 1, 2, 0, 1]]
    assert windows(torch.arange(6), 4, 1).tolist() == [[1, 2, 3, 4]]


def test_windows_refuse_empty_or_stacked_sound():
    with pytest.raises(SgimError, match="not empty"):
        windows(torch.zeros(0), 10)
    with pytest.raises(SgimError, match="num_samples"):
        windows(torch.zeros(2, 100), 10)
    with pytest.raises(SgimError, match="max_windows"):
        windows(torch.zeros(100), 10, 0)


def test_the_encoder_is_small_and_its_features_have_unit_norm():
    encoder = AudioEncoder(AudioEncoderConfig(embed_dim=48)).eval()
    features = encoder(noise(3, 1, 64, 301))
    assert features.shape == (3, 48)
    assert torch.allclose(features.norm(dim=1), torch.ones(3), atol=1e-5)
    assert sum(parameter.numel() for parameter in encoder.parameters()) < 1_000_000
    raw = encoder(noise(3, 1, 64, 301), normalize=False)
    assert torch.allclose(raw / raw.norm(dim=1, keepdim=True), features, atol=1e-5)


def test_the_encoder_takes_clips_of_any_length_and_every_weight_learns():
    encoder = AudioEncoder(AudioEncoderConfig(widths=(4, 8)))
    for num_frames in (20, 101, 333):
        features = encoder(noise(2, 1, 64, num_frames))
    (features[0] - features[1]).square().sum().backward()
    assert all(parameter.grad is not None for parameter in encoder.parameters())


@pytest.mark.parametrize(
    ("backbone", "published", "width"),
    [("resnet18", 11_689_512, 512), ("resnet50", 25_557_032, 2048)],
)
def test_a_resnet_hears_one_channel_and_ends_in_the_same_space(backbone, published, width):
    """torchvision's published sizes, with one color of three and 48 outputs of 1000."""
    encoder = AudioEncoder(AudioEncoderConfig(backbone=backbone, embed_dim=48)).eval()
    features = encoder(noise(3, 1, 64, 101))
    assert features.shape == (3, 48)
    assert torch.allclose(features.norm(dim=1), torch.ones(3), atol=1e-5)
    assert not torch.allclose(features[0], features[1], atol=1e-3)
    weights = sum(parameter.numel() for parameter in encoder.parameters())
    assert weights == published - 2 * 64 * 7 * 7 - (1000 - 48) * (width + 1)


def test_the_encoder_refuses_another_backbone():
    with pytest.raises(
        SgimError, match="backbone is 'resnet19'; it must be one of mini, resnet18, resnet50"
    ):
        AudioEncoderConfig(backbone="resnet19")


def test_the_encoder_refuses_another_front_end():
    encoder = AudioEncoder(AudioEncoderConfig(log_mel=LogMelConfig(n_mels=32)))
    with pytest.raises(SgimError, match="1, 32, n_frames"):
        encoder(torch.zeros(1, 1, 64, 100))
    with pytest.raises(SgimError, match="widths"):
        AudioEncoderConfig(widths=(16,))
