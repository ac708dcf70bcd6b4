"""The settings of a projection.

numbers and names -> checked -> `ProjectConfig`
"""

from dataclasses import dataclass

from sgim.checks import require, require_in_range, require_one_of
from sgim.editing.settings import check_kinds, check_seed

PERCEPTUAL = ("clip", "lpips")
MOST_STARTS = 100_000


@dataclass(frozen=True, kw_only=True)
class ProjectConfig:
    """Settings of a projection; the defaults suit the mini world.

    Parameters
    ----------
    num_starts : int
        Latents that are looked at first: the mean of w and random ones. 1 is the mean alone.
    num_kept : int
        How many of them are optimized on small pictures, for each photo.
    num_steps : int
        Adam steps on small pictures, and as many again on whole ones.
    learning_rate : float
        In deviations of each coordinate; it rises over the first 5% of the steps and falls along a
        cosine over the last half.
    pixel_weight, perceptual_weight, prior_weight : float
        lambda_x, lambda_p and lambda_w of the loss.
    perceptual : str
        The distance d: "clip", or "lpips", for which `lpips_distance` says what it needs.
    noise_map_weight : float
        lambda_n. Above 0 the noise maps of a StyleGAN2 are optimized too, held to look like noise
        by `noise_regularity`; the projector of Karras et al. takes 1e5. For one latent per photo.
    latent_noise : float
        Standard deviation of the noise on w at the first step, in deviations of each coordinate.
    seed : int
        Of starts and noise.
    """

    num_starts: int = 512
    num_kept: int = 8
    num_steps: int = 100
    learning_rate: float = 0.08
    pixel_weight: float = 1.0
    perceptual_weight: float = 0.02
    prior_weight: float = 2e-4
    perceptual: str = "clip"
    noise_map_weight: float = 0.0
    latent_noise: float = 0.05
    seed: int = 0

    def __post_init__(self) -> None:
        check_kinds(self)
        check_seed(self.seed)
        for name in ("num_starts", "num_kept", "num_steps"):
            value = getattr(self, name)
            require(value >= 1, f"{name} is {value}; it counts from 1: raise it.")
        require(
            self.num_starts <= MOST_STARTS,
            f"num_starts is {self.num_starts}; more than {MOST_STARTS} do not fit into memory: "
            "lower it.",
        )
        require_in_range("learning_rate", self.learning_rate, 0.0, 10.0)
        for name in ("pixel_weight", "perceptual_weight", "prior_weight", "latent_noise"):
            require_in_range(name, getattr(self, name), 0.0, 1e3)
        require_in_range("noise_map_weight", self.noise_map_weight, 0.0, 1e9)
        require_one_of("perceptual", self.perceptual, PERCEPTUAL)
        require(
            self.noise_map_weight == 0 or self.num_kept == 1,
            f"num_kept is {self.num_kept}; noise maps are optimized for one latent of each photo: "
            "set it to 1, or noise_map_weight to 0.",
        )


FROM_THE_MEAN = ProjectConfig(num_starts=1, num_kept=1, num_steps=300)
"""For generators that cannot draw small pictures quickly, as StyleGAN2."""


def config_for(generator) -> ProjectConfig:
    """The settings that suit a generator: those of the mini world where it draws small pictures.

    >>> config_for(None) is FROM_THE_MEAN
    True
    """
    return ProjectConfig() if hasattr(generator, "at_resolution") else FROM_THE_MEAN
