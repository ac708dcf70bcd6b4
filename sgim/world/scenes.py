"""A differentiable generator of landscapes: every picture is painted, nothing is learned.

z -> mapping -> ws (one row per layer of the scene) -> parameters -> painters -> picture

The generator has the interface of a StyleGAN2 generator (Karras et al. 2020): `mapping`,
`synthesis`, `w_avg`. Its latent space is scaled for optimizers that move all coordinates by the
same step (Adam): coordinates of the land have a standard deviation of 4 under `mapping`, those
of the light 2, and a weather goes from nothing to 0.7 within about one unit. The same step
therefore changes the weather first and the land hardly at all.
"""

import dataclasses

import torch
from torch import nn

from sgim.checks import cast_like, require, require_finite, require_one_of
from sgim.devices import float32_by_default, ordinary_torch
from sgim.world.canvas import Canvas, Scene
from sgim.world.layers import (
    LAND_DEVIATION,
    LAYER_NAMES,
    LAYERS,
    LIGHT_DEVIATION,
    W_DIM,
    coordinate_from_intensity,
    intensity_from_coordinate,
    squash,
    weather_place,
)
from sgim.world.names import WEATHER_NAMES
from sgim.world.painting import develop, paint
from sgim.world.textures import Textures

Z_DIM = 64
CALM_COORDINATE = -0.015
CALM_DEVIATION = 0.008
TRIED_INTENSITY = 0.35
NOISE_MODES = ("const", "random", "none")


class SceneGenerator(nn.Module):
    """Paints landscapes from latent codes, differentiably and without learned weights.

    Parameters
    ----------
    img_resolution : int
        Height and width of the pictures, 64 to 256.

    Attributes
    ----------
    z_dim, w_dim, num_ws : int
        Sizes of the latent codes; the rows of `ws` are named by `LAYER_NAMES`.
    w_avg : torch.Tensor
        (num_ws, w_dim), a calm day.

    Raises
    ------
    SgimError
        If `img_resolution` is not a whole number between 64 and 256.

    Examples
    --------
    >>> generator = SceneGenerator(64)
    >>> ws = generator.mapping(torch.zeros(1, generator.z_dim))
    >>> generator.synthesis(ws).shape
    torch.Size([1, 3, 64, 64])
    """

    @ordinary_torch()
    def __init__(self, img_resolution: int = 128):
        super().__init__()
        require(
            isinstance(img_resolution, int) and 64 <= img_resolution <= 256,
            f"img_resolution is {img_resolution!r}; it must be a whole number from 64 to 256: "
            "render at 256 and resize for other sizes.",
        )
        self.img_resolution = img_resolution
        self.z_dim, self.w_dim, self.num_ws = Z_DIM, W_DIM, len(LAYER_NAMES)
        self.textures = Textures(img_resolution)
        w_avg = torch.zeros(self.num_ws, W_DIM)
        w_std = torch.full((self.num_ws, W_DIM), LAND_DEVIATION)
        w_std[LAYER_NAMES.index("light")] = LIGHT_DEVIATION
        for row, parameters in enumerate(LAYERS.values()):
            if None in parameters.values():
                w_avg[row, : len(parameters)] = CALM_COORDINATE
                w_std[row, : len(parameters)] = CALM_DEVIATION
        directions = torch.randn(
            self.num_ws * W_DIM, Z_DIM, generator=torch.Generator().manual_seed(7)
        )
        directions = directions / directions.norm(dim=1, keepdim=True)
        self.register_buffer("w_avg", w_avg)
        self.register_buffer("w_std", w_std)
        self.register_buffer("directions", directions)

    def mapping(self, z: torch.Tensor, truncation_psi: float = 1.0) -> torch.Tensor:
        """Latent codes `z` (batch, z_dim), standard normal -> `ws` (batch, num_ws, w_dim).

        `truncation_psi` scales the distance from `w_avg` (0 gives `w_avg` itself).
        """
        require(
            z.ndim == 2 and z.shape[1] == self.z_dim,
            f"z has shape {tuple(z.shape)}; it must be (batch, {self.z_dim}).",
        )
        require_finite("truncation_psi", truncation_psi)
        z = cast_like("z", z, self.directions)
        offsets = (z @ self.directions.T).view(-1, self.num_ws, self.w_dim)
        return self.w_avg + truncation_psi * self.w_std * offsets

    def scene_parameters(self, ws: torch.Tensor) -> dict[str, torch.Tensor]:
        """Read the scene back: name -> (batch,); the `WEATHER_NAMES` are intensities in [0, 1]."""
        self._check_ws(ws)
        parameters = {}
        for row, layer in enumerate(LAYERS.values()):
            for column, (name, bounds) in enumerate(layer.items()):
                coordinate = ws[:, row, column]
                if bounds is None:
                    parameters[name] = intensity_from_coordinate(coordinate)
                else:
                    parameters[name] = squash(coordinate / float(self._deviation(row)), *bounds)
        return parameters

    def with_weather(
        self, ws: torch.Tensor, intensities: dict[str, float | torch.Tensor]
    ) -> torch.Tensor:
        """Copy of `ws` whose weathers have the given `intensities`, everything else untouched.

        Parameters
        ----------
        ws : torch.Tensor
            (batch, num_ws, w_dim).
        intensities : dict
            Weather name -> a number or (batch,) tensor in [0, 1].

        Raises
        ------
        SgimError
            If a name is no weather or an intensity lies outside [0, 1].
        """
        self._check_ws(ws)
        ws = ws.clone()
        for name, value in intensities.items():
            require_one_of("weather", name, WEATHER_NAMES)
            value = torch.as_tensor(value, dtype=ws.dtype, device=ws.device)
            require(
                value.ndim == 0 or value.shape == (len(ws),),
                f"intensity of {name} has shape {tuple(value.shape)}; "
                f"it must be one number or ({len(ws)},).",
            )
            require(
                bool(((value >= 0) & (value <= 1)).all()),
                f"intensity of {name} is {value.tolist()}; it must lie between 0 and 1.",
            )
            row, column = weather_place(name)
            ws[:, row, column] = coordinate_from_intensity(value)
        return ws

    @property
    def weather_names(self) -> tuple[str, ...]:
        """The weathers that have a place in its pictures: all."""
        return WEATHER_NAMES

    def starting_points(self, ws: torch.Tensor) -> torch.Tensor:
        """Places from which an edit may set out: the scenes as they are, and with each weather.

        Near intensity 0 a weather hardly shows, and the slope there says little about where it
        leads; a look at each weather half way up tells more.

        Returns
        -------
        torch.Tensor, (1 + number of weathers, batch, num_ws, w_dim)
        """
        tried = [self.with_weather(ws, {name: TRIED_INTENSITY}) for name in self.weather_names]
        return torch.stack([ws, *tried])

    @float32_by_default()
    def synthesis(
        self, ws: torch.Tensor, noise_mode: str = "const", seconds: torch.Tensor | float = 0.0
    ) -> torch.Tensor:
        """Paint `ws` (batch, num_ws, w_dim) -> pictures (batch, 3, H, W), float32 in [-1, 1].

        `noise_mode` treats the little textures (grass, rock, ripples): "const" always the same,
        "random" shifted anew at every call, "none" left out. `seconds` is the moment of a film, a
        number or one (batch, 1, 1, 1) for each picture: drops fall, clouds drift, waves roll.
        """
        require_one_of("noise_mode", noise_mode, NOISE_MODES)
        ws = cast_like("ws", ws, self.w_avg)
        scene = Scene(self.scene_parameters(ws), self._free_coordinates(ws))
        canvas = dataclasses.replace(self._canvas(ws, noise_mode), seconds=seconds)
        return develop(paint(canvas, scene), scene)

    def frames(self, ws: torch.Tensor, seconds: torch.Tensor) -> torch.Tensor:
        """The pictures of `ws` (batch, num_ws, w_dim) at the moments `seconds` (batch,)."""
        return self.synthesis(ws, seconds=seconds.view(-1, 1, 1, 1))

    @ordinary_torch()
    def at_resolution(self, img_resolution: int) -> "SceneGenerator":
        """A generator of the same scenes, on the same device, at another size (64 to 256)."""
        return SceneGenerator(img_resolution).to(self.w_avg.device).requires_grad_(False)

    def forward(self, z: torch.Tensor, truncation_psi: float = 1.0) -> torch.Tensor:
        """Pictures of random scenes: `synthesis(mapping(z))`."""
        return self.synthesis(self.mapping(z, truncation_psi=truncation_psi))

    def _check_ws(self, ws: torch.Tensor) -> None:
        require(
            ws.ndim == 3 and ws.shape[1:] == (self.num_ws, self.w_dim),
            f"ws has shape {tuple(ws.shape)}; it must be (batch, {self.num_ws}, {self.w_dim}), "
            "as mapping() returns it.",
        )

    def _deviation(self, row: int) -> float:
        return LIGHT_DEVIATION if LAYER_NAMES[row] == "light" else LAND_DEVIATION

    def _free_coordinates(self, ws: torch.Tensor) -> dict[str, torch.Tensor]:
        return {
            name: ws[:, row, len(LAYERS[name]) :] / self._deviation(row)
            for row, name in enumerate(LAYER_NAMES)
        }

    def _canvas(self, ws: torch.Tensor, noise_mode: str) -> Canvas:
        size = self.img_resolution
        axis = (torch.arange(size, device=ws.device, dtype=ws.dtype) + 0.5) / size
        shift = 0.0
        if noise_mode == "random":
            shift = torch.rand(len(ws), 1, 1, 1, device=ws.device)
        return Canvas(
            x=axis.view(1, 1, 1, size),
            y=axis.view(1, 1, size, 1),
            pixel=1 / size,
            textures=self.textures,
            grain=float(noise_mode != "none"),
            grain_shift=shift,
        )
