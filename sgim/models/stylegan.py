"""What StyleGAN2 and StyleGAN3 have in common: a mapping, a synthesis, classes, the mean of w."""

from collections.abc import Sequence

import torch
from torch import nn

from sgim.checks import require
from sgim.models.class_labels import Classes
from sgim.models.mapping import Mapping


class StyleGAN(nn.Module):
    """A generator, `synthesis(mapping(z))`; each kind brings its `synthesis`.

    Attributes
    ----------
    config : its sizes
    mapping, synthesis : torch.nn.Module
    z_dim, w_dim, num_ws, num_classes, img_resolution : int
        `num_classes` is 0 for a generator without.
    w_avg : torch.Tensor, (num_ws, w_dim)
    class_names : tuple of str
        Empty where they are not known; set them to name classes in `mapping(z, c)`.
    """

    def __init__(self, config) -> None:
        super().__init__()
        self.config = config
        self.z_dim, self.w_dim, self.num_ws = config.z_dim, config.w_dim, config.num_ws
        self.num_classes, self.img_resolution = config.num_classes, config.img_resolution
        self.mapping = Mapping(
            config.z_dim, config.w_dim, config.mapping_layers, config.num_ws, config.num_classes
        )

    @property
    def w_avg(self) -> torch.Tensor:
        """The mean of w in every row: (num_ws, w_dim)."""
        return self.mapping.w_avg

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes by name, in their order."""
        return self.mapping.class_names

    @class_names.setter
    def class_names(self, names: Sequence[str]) -> None:
        names = tuple(names)
        require(
            len(names) in (0, self.num_classes) and len(set(names)) == len(names),
            f"class_names are {', '.join(names)}; this generator has {self.num_classes} classes: "
            "give a name of its own to each.",
        )
        self.mapping.class_names = names

    def forward(
        self, z: torch.Tensor, c: Classes | None = None, truncation_psi: float = 1.0
    ) -> torch.Tensor:
        """Random pictures: `synthesis(mapping(z))`."""
        return self.synthesis(self.mapping(z, c, truncation_psi))

    @torch.no_grad()
    def mean_latent(
        self, num_samples: int = 10_000, seed: int = 0, c: Classes | None = None
    ) -> torch.Tensor:
        """The mean of w over random z: (w_dim,), the same for every call with the same seed.

        Conditional generators need a class `c`, and give its own mean.
        """
        require(
            num_samples >= 1, f"num_samples is {num_samples}; a mean takes at least 1: raise it."
        )
        random = torch.Generator().manual_seed(seed)
        z = torch.randn(num_samples, self.z_dim, generator=random)
        return self.mapping.to_w(z.to(self.w_avg.device), c).mean(0)
