"""What befalls log-mels in training, and that nothing befalls them otherwise."""

import pytest
import torch

from sgim.checks import SgimError
from sgim.media.augmentation import (
    FilterAugment,
    FilterAugmentConfig,
    SpecAugment,
    SpecAugmentConfig,
)
from sgim.media.log_mel import LogMelConfig


def noise(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def test_spec_augment_masks_each_example_differently_and_only_in_training():
    torch.manual_seed(0)
    augment = SpecAugment(SpecAugmentConfig(num_frequency_masks=2))
    log_mel = torch.ones(4, 1, 64, 200)
    masked = augment(log_mel)
    assert masked.shape == log_mel.shape
    assert set(masked.unique().tolist()) == {0.0, 1.0}
    assert not torch.equal(masked[0], masked[1])
    assert torch.equal(augment.eval()(log_mel), log_mel)


NO_FILTER = {name: 0.0 for name in vars(FilterAugmentConfig())}


def small_log_mel():
    log_mel = 0.2 * noise(4, 1, 64, 50)
    return log_mel - log_mel.mean((2, 3), keepdim=True)


def test_filter_augment_is_one_filter_per_clip_and_only_in_training():
    torch.manual_seed(0)
    log_mel = small_log_mel()
    config = FilterAugmentConfig(low_pass=0.0, high_pass=0.0, noise_floor=0.0)
    augment = FilterAugment(LogMelConfig(), config)
    gains = augment(log_mel) - log_mel
    torch.testing.assert_close(gains, gains[..., :1].expand_as(gains), atol=1e-5, rtol=0)
    assert gains.mean((1, 2, 3)).abs().max() < 1e-5
    assert (gains[0] - gains[1]).abs().max() > 0.1
    torch.testing.assert_close(augment.eval()(log_mel), log_mel)


def test_filter_augment_of_strength_zero_changes_nothing():
    augment = FilterAugment(LogMelConfig(), FilterAugmentConfig(**NO_FILTER))
    torch.testing.assert_close(augment(small_log_mel()), small_log_mel())


def test_the_noise_floor_fills_what_lies_far_below_the_peak():
    torch.manual_seed(0)
    log_mel = small_log_mel()
    log_mel[:, :, :32] -= 60 / LogMelConfig().scale_db
    always = FilterAugmentConfig(**NO_FILTER | {"noise_floor": 1.0})
    filled = FilterAugment(LogMelConfig(), always)(log_mel)

    def depth(clips):
        return (clips[:, :, 32:].mean() - clips[:, :, :32].mean()) * LogMelConfig().scale_db

    assert depth(log_mel) == pytest.approx(60, abs=1)
    assert 15 < depth(filled) < 55


def test_a_filter_too_strong_or_a_share_above_1_is_refused():
    with pytest.raises(SgimError, match="tilt_db is 40"):
        FilterAugmentConfig(tilt_db=40.0)
    with pytest.raises(SgimError, match="low_pass is 1.5"):
        FilterAugmentConfig(low_pass=1.5)
