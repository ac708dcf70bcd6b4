"""The mini CLIP's towers give what an open_clip model of the same sizes gives."""

import pytest
import torch
from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg

from sgim.models.clip import ClipConfig, build_clip

SIZES = ClipConfig(
    vocab_size=30, context_length=9, embed_dim=16, image_size=64, image_width=8, text_width=16
)


def open_clip_model():
    return CLIP(
        embed_dim=SIZES.embed_dim,
        vision_cfg=CLIPVisionCfg(
            layers=SIZES.image_layers, width=SIZES.image_width, image_size=SIZES.image_size
        ),
        text_cfg=CLIPTextCfg(
            context_length=SIZES.context_length,
            vocab_size=SIZES.vocab_size,
            width=SIZES.text_width,
            heads=SIZES.text_heads,
            layers=SIZES.text_layers,
        ),
    )


@pytest.fixture(scope="module")
def pair():
    """open_clip's model and ours with the same weights, none of which are all 0 or all 1."""
    random = torch.Generator().manual_seed(1)
    ours = build_clip(SIZES)
    weights = {
        name: tensor + 0.1 * torch.rand(tensor.shape, generator=random)
        if tensor.is_floating_point()
        else tensor
        for name, tensor in ours.state_dict().items()
    }
    ours.load_state_dict(weights)
    theirs = open_clip_model()
    theirs.load_state_dict(weights)
    return theirs.double().eval(), ours.double().eval()


def test_untrained_weights_are_those_that_open_clip_draws():
    torch.manual_seed(3)
    theirs = open_clip_model().state_dict()
    torch.manual_seed(3)
    ours = build_clip(SIZES).state_dict()
    assert theirs.keys() == ours.keys()
    for name, tensor in theirs.items():
        assert torch.allclose(tensor, ours[name]), name


def test_pictures_and_their_gradients_are_those_of_open_clip(pair):
    pixels = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(2)).double()
    pixels.requires_grad_(True)
    direction = torch.arange(16.0).double()
    found = []
    for model in pair:
        features = model.encode_image(pixels, normalize=True)
        (gradient,) = torch.autograd.grad((features @ direction).sum(), pixels)
        found.append((features.detach(), gradient))
    (features, gradient), (own_features, own_gradient) = found
    assert torch.allclose(features, own_features)
    assert torch.allclose(gradient, own_gradient)


def test_texts_are_those_of_open_clip(pair):
    ids = torch.tensor([[1, 5, 7, 29, 0, 0, 0, 0, 0], [1, 9, 8, 3, 2, 29, 0, 0, 0]])
    with torch.no_grad():
        theirs, ours = (model.encode_text(ids, normalize=True) for model in pair)
    assert torch.allclose(theirs, ours)


def test_a_training_gets_from_both_what_a_contrast_needs(pair):
    pixels = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(4)).double()
    ids = torch.tensor([[1, 5, 7, 29, 0, 0, 0, 0, 0], [1, 9, 8, 3, 2, 29, 0, 0, 0]])
    with torch.no_grad():
        theirs, ours = (model(pixels, ids) for model in pair)
    assert len(ours) == 3
    assert all(torch.allclose(*both) for both in zip(theirs, ours, strict=True))
