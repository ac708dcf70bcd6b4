"""Alignment: pictures match their sounds, weights switch terms, training learns and resumes."""

import dataclasses

import pytest
import torch
import torch.nn.functional as F

from sgim.bundle import load_audio_encoder, save_weights
from sgim.checks import SgimError
from sgim.embedding.alignment import ScaledEncoder, align, crop_view
from sgim.embedding.alignment_terms import (
    TERM_WEIGHTS,
    AlignConfig,
    alignment_terms,
    draw_together,
)
from sgim.embedding.pairs import CAPTIONS_PER_CLIP, AlignmentData, PictureDrawer, pair_sounds
from sgim.embedding.sound_shards import SoundDataConfig
from sgim.losses import info_nce_loss, weakly_paired_loss
from sgim.media.augmentation import SpecAugment
from sgim.media.log_mel import LogMel, LogMelConfig
from sgim.models.audio_encoder import AudioEncoder, AudioEncoderConfig
from sgim.world.names import HEARD_NAMES, SOUND_NAMES, WEATHER_NAMES
from sgim.world.sounds import synthesize_sound

EMBED_DIM = 16
NUM_CLASSES = len(SOUND_NAMES)
SMALL = AudioEncoderConfig(embed_dim=EMBED_DIM, seconds=0.5, widths=(8, 16, 16))
QUICK = AlignConfig(num_epochs=4, batch_size=16, learning_rate=8e-3, image_tolerance=0.3)
LEARNED = dataclasses.replace(QUICK, learn_logit_scale=True)


def unit(*shape, seed=0):
    noise = torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
    return F.normalize(noise, dim=-1)


def made_up_data(clips=64):
    """Beeps, one pitch per class, with one text and image direction per class."""
    classes = torch.arange(clips) % NUM_CLASSES
    pitches = 200 * 1.5 ** classes[:, None].float()
    time = torch.arange(9600) / 16000
    noise = torch.randn(clips, 9600, generator=torch.Generator().manual_seed(5))
    waveforms = torch.sin(2 * torch.pi * pitches * time) + 0.1 * noise
    anchors = torch.eye(EMBED_DIM)[:NUM_CLASSES]
    shown = torch.arange(80) % NUM_CLASSES
    return AlignmentData(
        log_mels=LogMel(LogMelConfig())(waveforms)[:, 0],
        classes=classes,
        intensities=torch.linspace(0.1, 1, clips),
        text_features=anchors[classes][:, None].repeat(1, CAPTIONS_PER_CLIP, 1),
        image_features=anchors[shown],
        image_classes=shown,
        image_intensities=torch.linspace(0, 1, 80),
    )


@pytest.fixture(scope="module")
def data():
    return made_up_data()


def small_encoder(seed=0):
    torch.manual_seed(seed)
    return AudioEncoder(SMALL)


@pytest.fixture
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_pictures_show_the_class_that_plays_about_as_strong(data):
    many = torch.arange(4000)
    dense = dataclasses.replace(
        data, image_classes=many % NUM_CLASSES, image_intensities=many.float() / 4000
    )
    drawer = PictureDrawer(dense, tolerance=0.1)
    picked = drawer.draw(data.classes, data.intensities, torch.Generator().manual_seed(0))
    assert torch.equal(dense.image_classes[picked], data.classes)
    assert (dense.image_intensities[picked] - data.intensities).abs().max() <= 0.1 + 0.003
    again = drawer.draw(data.classes, data.intensities, torch.Generator().manual_seed(1))
    assert not torch.equal(picked, again)


def test_a_sound_without_any_picture_is_named(data):
    only_rain = dataclasses.replace(data, image_classes=torch.zeros_like(data.image_classes))
    with pytest.raises(SgimError, match="no picture shows thunderstorm"):
        PictureDrawer(only_rain, tolerance=0.1)


def test_a_view_is_a_stretch_with_mean_zero_before_masks():
    log_mels = torch.randn(3, 64, 80) + 7
    generator = torch.Generator().manual_seed(0)
    view = crop_view(log_mels, 51, SpecAugment().eval(), generator)
    assert view.shape == (3, 1, 64, 51)
    assert view.mean(dim=(2, 3)).abs().max() < 1e-4


@pytest.mark.parametrize("left_out", TERM_WEIGHTS)
def test_terms_of_weight_zero_are_left_out(left_out):
    config = AlignConfig(**{TERM_WEIGHTS[left_out]: 0.0})
    views = unit(4, 8, seed=1), unit(4, 8, seed=2)
    terms = alignment_terms(views, *(unit(4, 8, seed=seed) for seed in (3, 4, 5)), config)
    assert set(terms) == set(TERM_WEIGHTS) - {left_out}


def test_targets_meet_in_the_middle_as_the_mix_grows():
    text, image = unit(4, 8, seed=3), unit(4, 8, seed=4)
    mixed = [draw_together(text, image, mix) for mix in (0.0, 0.5, 1.0)]
    assert torch.equal(mixed[0][0], text) and torch.equal(mixed[0][1], image)
    assert torch.equal(*mixed[2])
    assert torch.allclose(mixed[2][0], F.normalize(text + image, dim=1))
    apart, nearer, together = [(one * other).sum(dim=1) for one, other in mixed]
    assert (apart < nearer).all() and (nearer < together).all()
    for targets in (*mixed[1], *mixed[2]):
        assert torch.allclose(targets.norm(dim=1), torch.ones(4))


def test_the_mix_changes_what_is_said_and_shown_and_nothing_else():
    views = unit(4, 8, seed=1), unit(4, 8, seed=2)
    frozen = text, image, weak = [unit(4, 8, seed=seed) for seed in (3, 4, 5)]
    plain, mixed = (
        alignment_terms(views, *frozen, AlignConfig(image_text_mix=mix)) for mix in (0.0, 1.0)
    )
    scale = AlignConfig().logit_scale
    assert plain["audio_text"] == info_nce_loss(views[0], text, scale)
    assert plain["audio_image"] == info_nce_loss(views[0], image, scale)
    assert plain["audio_text"] != plain["audio_image"]
    assert mixed["audio_text"] == mixed["audio_image"]
    assert mixed["audio_text"] != plain["audio_text"]
    assert mixed["audio_audio"] == plain["audio_audio"]
    assert mixed["weakly_paired"] == plain["weakly_paired"]
    assert plain["weakly_paired"] == weakly_paired_loss(views[0], text, weak, scale)


def test_only_the_sounds_receive_gradients():
    views = unit(4, 8, seed=1).requires_grad_(), unit(4, 8, seed=2).requires_grad_()
    frozen = [unit(4, 8, seed=seed) for seed in (3, 4, 5)]
    sum(alignment_terms(views, *frozen, AlignConfig()).values()).backward()
    assert all(view.grad.abs().sum() > 0 for view in views)
    assert all(not features.requires_grad for features in frozen)


def test_training_leaves_the_frozen_features_alone(data):
    features = {name: value for name, value in vars(data).items() if torch.is_tensor(value)}
    before = [value.clone() for value in features.values()]
    align(small_encoder(), data, config=dataclasses.replace(QUICK, num_epochs=1), progress=False)
    assert all(torch.equal(*pair) for pair in zip(before, features.values(), strict=True))
    assert not any(value.requires_grad for value in features.values())


def test_a_small_encoder_learns_to_name_beeps(data):
    def evaluate(encoder):
        assert not encoder.training
        with torch.no_grad():
            named = encoder(data.log_mels[:, None])[:, :NUM_CLASSES].argmax(dim=1)
        return {"zero_shot": (named == data.classes).float().mean().item()}

    result = align(
        small_encoder(),
        data,
        config=dataclasses.replace(QUICK, num_epochs=12),
        evaluate=evaluate,
        progress=False,
    )
    first, last = result.history[0], result.history[-1]
    assert all(last[name] < first[name] for name in ("audio_text", "audio_image", "weakly_paired"))
    assert last["zero_shot"] > 0.6
    assert not result.encoder.training


def test_a_resnet_trains_and_loads_back(data, tmp_path):
    config = dataclasses.replace(SMALL, backbone="resnet18")
    torch.manual_seed(0)
    encoder = AudioEncoder(config)
    before = encoder.resnet.conv1.weight.clone()
    quick = dataclasses.replace(QUICK, num_epochs=1)
    result = align(encoder, data, config=quick, progress=False)
    assert not torch.equal(encoder.resnet.conv1.weight, before)
    save_weights("mini_audio", encoder, config, notes={"history": result.history}, folder=tmp_path)
    loaded = load_audio_encoder(torch.device("cpu"), tmp_path)
    assert loaded.config.backbone == "resnet18"
    for name, weight in encoder.state_dict().items():
        assert torch.equal(weight, loaded.state_dict()[name]), name


def test_a_logit_scale_moves_only_where_it_is_learned(data):
    fixed = align(small_encoder(), data, config=QUICK, progress=False)
    assert all("logit_scale" not in epoch for epoch in fixed.history)
    learned = align(small_encoder(), data, config=LEARNED, progress=False)
    scales = [epoch["logit_scale"] for epoch in learned.history]
    assert len(set(scales)) == LEARNED.num_epochs
    assert all(0.8 < scale / LEARNED.logit_scale < 1.25 for scale in scales)
    assert learned.history != fixed.history
    assert learned.encoder.state_dict().keys() == fixed.encoder.state_dict().keys()


def test_a_learned_logit_scale_is_not_decayed(data):
    """It moves as far with a decay that would halve it at each step."""
    config = dataclasses.replace(LEARNED, num_epochs=1, warmup_share=0.0)
    heavy = dataclasses.replace(config, weight_decay=0.5 / config.learning_rate)
    for either in (config, heavy):
        result = align(small_encoder(), data, config=either, progress=False)
        assert result.history[0]["logit_scale"] == pytest.approx(config.logit_scale, rel=0.05)


def test_a_logit_scale_stays_at_100_and_finds_its_way_back():
    model = ScaledEncoder(small_encoder(), LEARNED)
    with torch.no_grad():
        model.log_scale.fill_(5.0)
    _, scale = model(torch.randn(2, 1, 64, 51))
    assert scale.item() == pytest.approx(100)
    scale.backward()
    assert model.log_scale.grad.item() == pytest.approx(100)


@pytest.mark.parametrize("config", [QUICK, LEARNED], ids=["fixed scale", "learned scale"])
def test_a_resumed_training_equals_the_uninterrupted_one(config, data, tmp_path, one_thread):
    whole = align(small_encoder(), data, config=config, progress=False)

    class Interrupted(Exception):
        pass

    def stop_at_the_third_epoch(encoder, calls=[]):  # noqa: B006
        calls.append(1)
        if len(calls) == 3:
            raise Interrupted
        return {}

    checkpoint = tmp_path / "audio.safetensors"
    with pytest.raises(Interrupted):
        align(
            small_encoder(),
            data,
            config=config,
            checkpoint=checkpoint,
            evaluate=stop_at_the_third_epoch,
            progress=False,
        )
    resumed = align(small_encoder(9), data, config=config, checkpoint=checkpoint, progress=False)
    assert len(resumed.history) == config.num_epochs
    assert resumed.history == whole.history
    for name, weight in whole.encoder.state_dict().items():
        assert torch.equal(weight, resumed.encoder.state_dict()[name]), name


def test_a_checkpoint_of_other_settings_is_refused(data, tmp_path):
    checkpoint = tmp_path / "audio.safetensors"
    config = dataclasses.replace(QUICK, num_epochs=1)
    align(small_encoder(), data, config=config, checkpoint=checkpoint, progress=False)
    with pytest.raises(SgimError, match="written with other settings"):
        align(small_encoder(), data, config=QUICK, checkpoint=checkpoint, progress=False)


@pytest.mark.parametrize("field", ["log_mels", "classes", "intensities", "text_features"])
def test_other_data_are_learned_from_anew_and_the_same_are_not(field, data, tmp_path):
    config = dataclasses.replace(QUICK, num_epochs=1)
    checkpoint = tmp_path / "audio.safetensors"

    def trained(data):
        return align(small_encoder(), data, config=config, checkpoint=checkpoint, progress=False)

    first = trained(data)
    assert trained(dataclasses.replace(data)).history == first.history
    other = dataclasses.replace(data, **{field: getattr(data, field).flip(0)})
    with pytest.warns(UserWarning, match="other data"):
        trained(other)


def test_sounds_captions_and_pictures_are_paired_by_what_they_share():
    names = ("rain", "birds")
    waveforms = torch.stack([synthesize_sound(name, 0.9, 1.0, 3)[0] for name in names])
    said = []

    def encode_text(texts):
        said.extend(texts)
        return unit(len(texts), EMBED_DIM)

    weathers = [{name: 0.5} for name in WEATHER_NAMES] + [{}, {"rain": 0.2, "fire": 0.3}]
    data = pair_sounds(
        LogMel()(waveforms)[:, 0],
        torch.tensor([SOUND_NAMES.index(name) for name in names]),
        torch.tensor([0.9, 0.9]),
        encode_text,
        unit(len(weathers), EMBED_DIM),
        weathers,
    )
    assert data.text_features.shape == (2, CAPTIONS_PER_CLIP, EMBED_DIM)
    assert len(said) == 2 * CAPTIONS_PER_CLIP
    assert sorted(data.image_classes.tolist()) == list(range(len(HEARD_NAMES)))
    assert data.image_features.shape == (len(HEARD_NAMES), EMBED_DIM)


def test_settings_that_cannot_work_are_told(data):
    with pytest.raises(SgimError, match="all four term weights are 0"):
        AlignConfig(**dict.fromkeys(TERM_WEIGHTS.values(), 0.0))
    with pytest.raises(SgimError, match="audio_text_weight is -1"):
        AlignConfig(audio_text_weight=-1.0)
    with pytest.raises(SgimError, match="image_text_mix is 1.5; it must lie between 0 and 1"):
        AlignConfig(image_text_mix=1.5)
    with pytest.raises(SgimError, match="batch_size is below 2"):
        AlignConfig(batch_size=1)
    for scale in (0.0, 101.0):
        assert AlignConfig(logit_scale=scale)
        with pytest.raises(SgimError, match=f"logit_scale is {scale}; one that is learned must"):
            AlignConfig(logit_scale=scale, learn_logit_scale=True)
    with pytest.raises(SgimError, match="num_clips is 100"):
        SoundDataConfig(num_clips=100)
    with pytest.raises(SgimError, match="64 examples do not fill a batch of 128"):
        align(small_encoder(), data, config=AlignConfig(batch_size=128), progress=False)
    too_long = dataclasses.replace(QUICK, view_seconds=5.0)
    with pytest.raises(SgimError, match="a view lasts 5.0 s, longer than the clips"):
        align(small_encoder(), data, config=too_long, progress=False)
