"""A generator whose land is a photo.

photo -> `PhotoParts`, once; ws -> light and weather -> painters over the photo -> picture
"""

import dataclasses
import os

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from sgim.checks import cast_like, require, require_in_range, require_one_of
from sgim.devices import float32_by_default, ordinary_torch
from sgim.media.photos import as_whole_image
from sgim.world.canvas import Canvas, Scene
from sgim.world.photo_painting import develop_photo, paint_photo
from sgim.world.photo_parts import PhotoParts, parts_of
from sgim.world.scenes import NOISE_MODES, SceneGenerator
from sgim.world.textures import Textures

LONGEST = 1024
USUAL = 192
WATERY = ("waves", "stream")


class PhotoGenerator(SceneGenerator):
    @ordinary_torch()
    def __init__(self, photo, horizon=None, sky=None, water=None, resolution: int = USUAL):
        super().__init__(64)
        whole = as_whole_image(photo, LONGEST)
        self._begin((whole + 1) / 2, horizon, sky, water, resolution)

    def _begin(self, whole, horizon, sky, water, resolution):
        self.given = (horizon, sky, water)
        self.register_buffer("whole", whole, False)
        scale = min(1.0, resolution / max(whole.shape[2:]))
        size = tuple(max(1, round(side * scale)) for side in whole.shape[2:])
        display = F.interpolate(whole, size, mode="area") if scale < 1 else whole
        self.img_resolution = max(size)
        self.textures = Textures(size[0])
        parts = parts_of(display, horizon, sky, water)
        self.numbers = {}
        for field in dataclasses.fields(parts):
            value = getattr(parts, field.name)
            if isinstance(value, torch.Tensor):
                self.register_buffer(f"photo_{field.name}", value, False)
            else:
                self.numbers[field.name] = value

    @property
    def parts(self):
        names = (field.name for field in dataclasses.fields(PhotoParts))
        return PhotoParts(
            **{n: self.numbers[n] if n in self.numbers else getattr(self, f"photo_{n}") for n in names}
        )

    def scene_parameters(self, ws):
        parameters = super().scene_parameters(ws)
        return parameters | {"horizon": torch.full_like(ws[:, 0, 0], self.numbers["horizon"])}

    @float32_by_default()
    def synthesis(self, ws, noise_mode="const"):
        require_one_of("noise_mode", noise_mode, NOISE_MODES)
        ws = cast_like("ws", ws, self.w_avg)
        scene = Scene(self.scene_parameters(ws), self._free_coordinates(ws))
        return develop_photo(paint_photo(self._canvas(ws, noise_mode), scene, self.parts))

    def _canvas(self, ws, noise_mode):
        height, width = self.photo_photo.shape[2:]
        canvas = super()._canvas(ws, noise_mode)
        x = (torch.arange(width, device=ws.device, dtype=ws.dtype) + 0.5 - width / 2) / height
        y = (torch.arange(height, device=ws.device, dtype=ws.dtype) + 0.5) / height
        return dataclasses.replace(
            canvas, x=x.view(1, 1, 1, -1) + 0.5, y=y.view(1, 1, -1, 1), pixel=1 / height,
            air=self.photo_air,
        )
