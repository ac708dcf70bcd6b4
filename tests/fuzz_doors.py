"""The public doors that strange files come through, each a function of a path.

path -> what a user would call -> all that is read, in tensors, numbers and containers of these
"""

import functools
from pathlib import Path

import torch

import sgim
from sgim.devices import calm_threads
from sgim.embedding.recordings import find_recordings
from sgim.files.esc import read_esc
from sgim.files.urbansound8k import read_urbansound8k
from sgim.files.vggsound import read_vggsound_splits
from sgim.media.photos import as_images
from sgim.media.sound_files import read_sound
from sgim.models.arcface import load_arcface
from sgim.models.generators import load_generator
from sgim.models.openai_clip import load_openai_clip
from sgim.models.sgim_audio import N_MELS, RESIZED_WIDTH, load_sgim_audio

PICTURE_SIZE = 64


@functools.cache
def mini():
    """The shipped bundle, on one thread."""
    calm_threads()
    return sgim.load_bundle("mini", device="cpu")


def sound(path: Path):
    return read_sound(path), mini().encode_audio(path)


def picture(path: Path):
    images = as_images(path, PICTURE_SIZE)
    assert images.shape == (1, 3, PICTURE_SIZE, PICTURE_SIZE) and images.abs().max() <= 1
    return mini().encode_image(images)


@torch.no_grad()
def generator(path: Path):
    loaded = load_generator(path, "cpu")
    images = loaded.synthesis(loaded.w_avg[None], noise_mode="const")
    return loaded.state_dict(), images


@torch.no_grad()
def clip(path: Path):
    loaded, pixels = load_openai_clip(path)
    images = torch.zeros(1, 3, pixels.image_size, pixels.image_size)
    ids = torch.ones(1, loaded.context_length, dtype=torch.long)
    return loaded.state_dict(), loaded.encode_image(images), loaded.encode_text(ids)


@torch.no_grad()
def sgim_audio(path: Path):
    loaded = load_sgim_audio(path)
    return loaded.state_dict(), loaded(torch.full((1, 1, N_MELS, RESIZED_WIDTH), 0.5))


@torch.no_grad()
def arcface(path: Path):
    loaded = load_arcface(path)
    return loaded.state_dict(), loaded(torch.zeros(1, 3, PICTURE_SIZE, PICTURE_SIZE))


def latents(path: Path):
    config = sgim.ManipulateConfig(num_steps=2)
    result = sgim.manipulate(mini(), path, text="heavy rain", config=config)
    return result.images, result.ws, result.trajectory, result.history, result.layer_weights


def esc50(path: Path):
    return _columns(read_esc(path.parents[1]))


def esc10(path: Path):
    return _columns(read_esc(path.parents[1], only_esc10=True))


def urbansound8k(path: Path):
    return _columns(read_urbansound8k(path.parents[1]))


def vggsound(path: Path):
    return [_columns(clips) for clips in read_vggsound_splits(path.parent)]


def manifest(path: Path):
    return [[*vars(recording).values()] for recording in find_recordings(path.parent, None)]


def _columns(clips):
    """Classes and folds of clips, of which each must have one, and a name that can be told."""
    columns = (clips.paths, clips.classes, clips.folds, clips.groups)
    assert len(set(map(len, columns))) == 1
    return [clips.names[index] for index in clips.classes], clips.folds
