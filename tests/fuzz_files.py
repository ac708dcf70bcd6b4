"""Whole files of every kind, small, from which strange ones are made; the same in every run.

`WHOLE_FILES` -> `build(folder)` -> a file that its door accepts
"""

import csv
import functools
import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import fuzz_doors as doors
import numpy as np
import soundfile
import torch
from fuzz_containers import repaired
from fuzz_worker import Door
from generator_files import nvidia_tensors, small_generator, write, write_pkl
from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg
from PIL import Image, ImageCms
from published_files import random_encoder, write_torchscript
from safetensors.torch import save_file
from stylegan3_files import small_stylegan3, stylegan3_tensors, write_stylegan3_pkl

from sgim.models.arcface import ArcFace
from sgim.models.generators import save_generator

KINDS = ("sounds", "pictures", "checkpoints", "tables", "latents")
OGG_SERIAL = slice(14, 18)


@dataclass(frozen=True)
class WholeFile:
    """A file `name` of one of `KINDS`; `share` says how often it is taken, beside others."""

    kind: str
    name: str
    door: Door
    build: Callable[[Path], None]
    share: int = 4


def _samples(sample_rate: int, channels: int) -> np.ndarray:
    """Half a second of a falling tone in noise."""
    count = sample_rate // 2
    time = np.arange(count)[:, None] / sample_rate
    tone = np.sin(2 * np.pi * (900 - 400 * time) * time)
    noise = np.random.default_rng(0).standard_normal((count, channels))
    return (0.4 * tone + 0.05 * noise).astype(np.float32)


def _sound(path: Path, subtype: str | None = None, sample_rate: int = 8_000, channels: int = 1):
    soundfile.write(path, _samples(sample_rate, channels), sample_rate, subtype=subtype)
    content = path.read_bytes()
    if content.startswith(b"OggS"):  # the encoder draws a serial number
        pages = content.split(b"OggS")[1:]
        start, end = OGG_SERIAL.start - 4, OGG_SERIAL.stop - 4
        pages = [b"OggS" + page[:start] + bytes(4) + page[end:] for page in pages]
        path.write_bytes(repaired(b"".join(pages)))


def _wav_with_a_list(path: Path) -> None:
    _sound(path, "PCM_16", channels=2)
    content = path.read_bytes()
    note = struct.pack("<4sI4s4sI", b"LIST", 16, b"INFO", b"ICMT", 4) + b"rain"
    head = struct.pack("<4sI", b"RIFF", len(content) - 8 + len(note))
    path.write_bytes(head + content[8:12] + note + content[12:])


def _tagged_mp3(path: Path) -> None:
    _sound(path, sample_rate=16_000)
    title = struct.pack(">4sIH", b"TIT2", 5, 0) + b"\0Rain"
    tag = b"ID3\x03\0\0" + bytes([0, 0, 0, len(title)]) + title
    path.write_bytes(tag + path.read_bytes())


SOUNDS = {
    "pcm16.wav": _wav_with_a_list,
    "float.wav": functools.partial(_sound, subtype="FLOAT"),
    "pcm24.wav": functools.partial(_sound, subtype="PCM_24", sample_rate=44_100, channels=2),
    "ulaw.wav": functools.partial(_sound, subtype="ULAW"),
    "adpcm.wav": functools.partial(_sound, subtype="MS_ADPCM"),
    "plain.flac": functools.partial(_sound, channels=2),
    "vorbis.ogg": _sound,
    "opus.ogg": functools.partial(_sound, subtype="OPUS"),
    "plain.mp3": functools.partial(_sound, sample_rate=16_000),
    "tagged.mp3": _tagged_mp3,
    "plain.aiff": _sound,
    "float.aiff": functools.partial(_sound, subtype="FLOAT"),
}


def _pixels(mode: str = "RGB") -> Image.Image:
    """48 x 40 pixels of two ramps and some noise."""
    rows, columns = np.mgrid[0:40, 0:48]
    noise = np.random.default_rng(0).integers(0, 40, (40, 48))
    levels = np.stack([rows * 5, columns * 5, noise, 255 - columns * 4], axis=-1)
    return Image.fromarray(levels.astype(np.uint8)).convert(mode)


def _picture(path: Path, mode: str = "RGB", **options) -> None:
    """With a color profile and EXIF data that turn it, where the format has them."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = profile[:24] + bytes(12) + profile[36:]  # without the time it was made
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "rain"
    picture = _pixels(mode)
    if options.get("save_all"):
        options["append_images"] = [picture.rotate(90), picture.rotate(180)]
    if "CMYK" not in mode:
        options |= {"icc_profile": profile, "exif": exif}
    picture.save(path, **options)


def _deep_picture(path: Path, dtype: type) -> None:
    levels = np.asarray(_pixels("L")).astype(np.float32) / 255
    scale = 1 if dtype is np.float32 else 65_535
    Image.fromarray((levels * scale).astype(dtype)).save(path)


PICTURES = {
    "plain.png": _picture,
    "clear.png": functools.partial(_picture, mode="RGBA"),
    "palette.png": functools.partial(_picture, mode="P", transparency=3),
    "animated.png": functools.partial(_picture, save_all=True),
    "deep.png": functools.partial(_deep_picture, dtype=np.uint16),
    "plain.jpg": _picture,
    "progressive.jpg": functools.partial(_picture, mode="L", progressive=True),
    "cmyk.jpg": functools.partial(_picture, mode="CMYK"),
    "plain.tif": _picture,
    "packed.tif": functools.partial(_picture, mode="RGBA", compression="tiff_lzw"),
    "deep.tif": functools.partial(_deep_picture, dtype=np.uint16),
    "float.tif": functools.partial(_deep_picture, dtype=np.float32),
    "animated.gif": functools.partial(_picture, mode="P", save_all=True),
    "plain.webp": _picture,
    "lossless.webp": functools.partial(_picture, mode="RGBA", lossless=True),
    "animated.webp": functools.partial(_picture, save_all=True),
}


def _generator(path: Path, kind: str) -> None:
    write(kind, path.parent).replace(path)


def _generator_state(path: Path) -> None:
    torch.save({"G_ema": nvidia_tensors(small_generator())}, path)


def _clamped(path: Path) -> None:
    write_pkl(path, nvidia_tensors(small_generator()), conv_clamp=256.0)


def _stylegan3(path: Path, layout: str, kind: str = "t") -> None:
    generator = small_stylegan3(kind)
    if layout == "ours":
        save_generator(generator, path)
    elif layout == "pkl":
        write_stylegan3_pkl(path, generator)
    else:
        torch.save(stylegan3_tensors(generator), path)


def _tiny_clip() -> CLIP:
    torch.manual_seed(0)
    vision = CLIPVisionCfg(layers=1, width=64, patch_size=16, image_size=32)
    text = CLIPTextCfg(context_length=8, vocab_size=40, width=64, heads=1, layers=1)
    return CLIP(embed_dim=16, vision_cfg=vision, text_cfg=text, quick_gelu=True).eval()


def _in_half(path: Path, network: torch.nn.Module) -> None:
    tensors = network.state_dict()
    torch.save({name: tensor.half() for name, tensor in tensors.items()}, path)


def _clip(path: Path) -> None:
    _in_half(path, _tiny_clip())


def _clip_of_openai(path: Path) -> None:
    write_torchscript(_tiny_clip(), path)


def _arcface(path: Path) -> None:
    torch.manual_seed(0)
    _in_half(path, ArcFace())


CHECKPOINTS = {
    "ours.safetensors": (doors.generator, functools.partial(_generator, kind="safetensors"), 6),
    "rosinality.pt": (doors.generator, functools.partial(_generator, kind="pt"), 6),
    "old_rosinality.pt": (doors.generator, functools.partial(_generator, kind="old pt"), 6),
    "nvidia.pkl": (doors.generator, functools.partial(_generator, kind="pkl"), 6),
    "clamped.pkl": (doors.generator, _clamped, 3),
    "nvidia_state.pt": (doors.generator, _generator_state, 3),
    "stylegan3.pkl": (doors.generator, functools.partial(_stylegan3, layout="pkl"), 4),
    "stylegan3_r.pkl": (doors.generator, functools.partial(_stylegan3, layout="pkl", kind="r"), 2),
    "stylegan3.pt": (doors.generator, functools.partial(_stylegan3, layout="state"), 2),
    "stylegan3.safetensors": (doors.generator, functools.partial(_stylegan3, layout="ours"), 3),
    "clip_state.pt": (doors.clip, _clip, 3),
    "clip.pt": (doors.clip, _clip_of_openai, 3),
    "sgim_audio.pth": (doors.sgim_audio, lambda path: _in_half(path, random_encoder()), 2),
    "arcface.pth": (doors.arcface, _arcface, 1),
}
"""Name -> door, how it is built, share; the large ones are rare."""


def _table(path: Path, rows: list[list], sounds: list[str]) -> None:
    """The table at `path`, and the (empty) clips that it names below the folder of the data set."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    for sound in sounds:
        clip = path.parents[1] / sound
        clip.parent.mkdir(exist_ok=True)
        clip.touch()


def _esc50(path: Path) -> None:
    rows = [
        [f"{fold}-{100 + clip}-A-{clip}.wav", fold, clip, name, esc10, 10 * fold + clip, "A"]
        for fold in (1, 2, 5)
        for clip, (name, esc10) in enumerate((("rain", True), ("sea_waves", True), ("owl", False)))
    ]
    head = ["filename", "fold", "target", "category", "esc10", "src_file", "take"]
    _table(path, [head, *rows], [f"audio/{row[0]}" for row in rows])


def _urbansound8k(path: Path) -> None:
    rows = [
        [f"{10 * fold + clip}-{clip}-0-{fold}.wav", 10 * fold + clip, 0.5, 4.5, 1, fold, clip, name]
        for fold in (1, 9, 10)
        for clip, name in enumerate(("air_conditioner", "car_horn", "siren"))
    ]
    head = "slice_file_name fsID start end salience fold classID class".split()
    _table(path, [head, *rows], [f"fold{row[5]}/{row[0]}" for row in rows])


def _vggsound(path: Path) -> None:
    rows = [
        [f"{'-_aZ'[clip]}{clip}f_I2yQ{clip}w", 10 * clip, label, ("train", "test")[clip % 2]]
        for clip, label in enumerate(("people marching", "rain, heavy", "owl", "wind"))
    ]
    sounds = [f"{path.parent.name}/{row[0]}_{row[1]:06d}.wav" for row in rows]
    _table(path, rows, sounds)


def _manifest(path: Path) -> None:
    head = "file class recording_id use repo path_in_repo licence".split()
    rows = [
        [f"{name}_{clip}.wav", name, f"r{name}{clip}", use, "me/sounds", "a/b.wav", "CC BY 4.0"]
        for name in ("rain", "sea_waves", "dog", "train")
        for clip, use in enumerate(("train", "measure"))
    ]
    _table(path, [head, *rows], [])


TABLES = {
    "esc50.csv": (doors.esc50, _esc50, 3),
    "esc10/esc50.csv": (doors.esc10, _esc50, 2),
    "UrbanSound8K.csv": (doors.urbansound8k, _urbansound8k, 4),
    "vggsound.csv": (doors.vggsound, _vggsound, 4),
    "manifest.csv": (doors.manifest, _manifest, 4),
}


def _latents(path: Path, dtype: type = np.float32) -> None:
    generator = doors.mini().generator
    z = torch.randn(1, generator.z_dim, generator=torch.Generator().manual_seed(0))
    ws = generator.mapping(z).contiguous()
    if path.suffix == ".pt":
        torch.save({"latent": ws, "noise": [torch.zeros(1)]}, path)
    elif path.suffix == ".safetensors":
        save_file({"w": ws}, path)
    elif path.suffix == ".npz":
        np.savez(path, w=ws.numpy())
    else:
        np.save(path, ws.numpy().astype(dtype))


LATENTS = {
    "float.npy": _latents,
    "double.npy": functools.partial(_latents, dtype=np.float64),
    "half.npy": functools.partial(_latents, dtype=np.float16),
    "latents.npz": _latents,
    "latents.pt": _latents,
    "latents.safetensors": _latents,
}

WHOLE_FILES = (
    *(WholeFile("sounds", name, doors.sound, build) for name, build in SOUNDS.items()),
    *(WholeFile("pictures", name, doors.picture, build) for name, build in PICTURES.items()),
    *(WholeFile("checkpoints", name, *parts) for name, parts in CHECKPOINTS.items()),
    *(WholeFile("tables", name, *parts) for name, parts in TABLES.items()),
    *(WholeFile("latents", name, doors.latents, build) for name, build in LATENTS.items()),
)
