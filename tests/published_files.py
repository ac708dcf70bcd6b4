"""What others publish, made up small: golden tensors by rule, tiny networks in their layouts."""

import json
import warnings
import zlib
from collections import OrderedDict

import numpy as np
import pytest
import torch
from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg, convert_weights_to_fp16
from places import SHARED

from sgim.models.sgim_audio import SgimAudioEncoder

GOLDEN = SHARED / "golden"
needs_golden = pytest.mark.skipif(not GOLDEN.is_dir(), reason="the golden tensors are not here")


def relative_error(tensor, reference):
    return np.linalg.norm(tensor.numpy() - reference) / np.linalg.norm(reference)


def golden_tensors(keys, rule):
    """Tensors of the shapes in the file `keys`, each made by `rule` from its own seeded noise."""
    tensors = OrderedDict()
    content = json.loads((GOLDEN / f"{keys}.json").read_text())
    for key, shape in content.get("shapes", content).items():
        random = np.random.default_rng([7, zlib.crc32(key.encode())])
        a = torch.from_numpy(np.asarray(random.standard_normal(shape), dtype=np.float32))
        tensors[key] = rule(key, a)
    return tensors


def sgim_audio_tensors():
    return golden_tensors("sgim_audio_encoder_keys", sgim_audio_rule)


def sgim_audio_rule(key, a):
    if key.endswith("num_batches_tracked"):
        return torch.zeros(a.shape, dtype=torch.int64)
    if key.endswith("running_var"):
        return 1 + 0.1 * a.abs()
    if a.ndim == 1:
        return 1 + 0.1 * a if key.endswith("weight") else 0.1 * a
    return a / a[0].numel() ** 0.5


def random_encoder():
    torch.manual_seed(0)
    return SgimAudioEncoder().eval().requires_grad_(False)


def tiny_clip():
    """A vision transformer CLIP as small as its layout allows, with OpenAI's activation."""
    torch.manual_seed(0)
    clip = CLIP(
        embed_dim=512,
        vision_cfg=CLIPVisionCfg(layers=2, width=64, patch_size=32, image_size=224),
        text_cfg=CLIPTextCfg(context_length=77, vocab_size=49_408, width=64, heads=1, layers=2),
        quick_gelu=True,
    )
    convert_weights_to_fp16(clip)
    return clip.float().eval().requires_grad_(False)


def write_torchscript(clip, path):
    """What OpenAI would publish of it, but for the precision; gives the model three numbers."""
    size, length = clip.visual.image_size[0], clip.context_length
    numbers = {"input_resolution": size, "context_length": length, "vocab_size": clip.vocab_size}
    for name, value in numbers.items():
        if hasattr(clip, name):
            delattr(clip, name)
        clip.register_buffer(name, torch.tensor(value))
    inputs = {
        "encode_image": torch.zeros(1, 3, size, size),
        "encode_text": torch.ones(1, length, dtype=torch.long),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace_module(clip, inputs), path)
    return path
