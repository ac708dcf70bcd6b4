"""Teaches the mapper to edit in one pass.

A. pairs of latents, with the embeddings of their pictures -> the change from one to the other
B. targets alone -> the paper's loss, through the frozen generator and CLIP
C. `manipulate`'s own results -> the same change in one pass

A and C work with every generator that has `mapping`, `synthesis` and `w_avg`. DeltaEdit (Lyu et al.
2023, arXiv 2303.06285) learns as A does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F

from sgim.checks import require_in_range
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulation import manipulate
from sgim.editing.mapper import Mapper, MapperConfig
from sgim.embedding.feature_cache import fingerprint_of
from sgim.embedding.prior_training import PriorPairs
from sgim.embedding.training_config import TrainingConfig
from sgim.embedding.training_loop import train
from sgim.losses import cosine_distance
from sgim.models.prior import Prior
from sgim.world.samples import FAMILY_SIZE


@dataclass(frozen=True, kw_only=True)
class MapperTrainingConfig(TrainingConfig):
    """How the mapper learns.

    `target_noise` is the standard deviation added to each coordinate of a target.
    `calm_share` of the sources are a family's first scene, which has no weather.
    `closeness` is the change below which an error counts by its square.
    """

    num_epochs: int = 30
    batch_size: int = 512
    learning_rate: float = 1e-3
    target_noise: float = 0.02
    calm_share: float = 0.7
    closeness: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        require_in_range("target_noise", self.target_noise, 0.0, 1.0)
        require_in_range("calm_share", self.calm_share, 0.0, 1.0)
        require_in_range("closeness", self.closeness, 1e-6, 100.0)


@dataclass(frozen=True)
class LatentPairs:
    """From where, to where, and what says so.

    `source_ws`, `goal_ws` (count, num_ws, w_dim); `source_features` (count, embed_dim); `targets`
    (count, ways, embed_dim), unit norm: several that ask for the goal.
    """

    source_ws: torch.Tensor
    goal_ws: torch.Tensor
    source_features: torch.Tensor
    targets: torch.Tensor

    @property
    def fingerprint(self) -> str:
        """Of all of them."""
        return fingerprint_of({}, vars(self).items())

    def __add__(self, other: "LatentPairs") -> "LatentPairs":
        """Both, one after the other; of the targets as many as both have."""
        ways = min(self.targets.shape[1], other.targets.shape[1])
        return LatentPairs(
            torch.cat([self.source_ws, other.source_ws]),
            torch.cat([self.goal_ws, other.goal_ws]),
            torch.cat([self.source_features, other.source_features]),
            torch.cat([self.targets[:, :ways], other.targets[:, :ways]]),
        )


@torch.no_grad()
def targets_of(pairs: PriorPairs, prior: Prior) -> torch.Tensor:
    """What asks for each picture: what the prior makes of its words and sounds, and itself.

    Returns
    -------
    torch.Tensor, (count, ways, embed_dim), unit norm
    """
    heard = torch.where(pairs.is_audible[:, None, None], pairs.sounds, pairs.words)
    return torch.cat([prior(heard), prior(pairs.words), pairs.pictures[:, None]], dim=1)


def family_pairs(
    ws: torch.Tensor,
    pictures: torch.Tensor,
    targets: torch.Tensor,
    *,
    calm_share: float,
    rounds: int = 1,
    seed: int = 1,
) -> LatentPairs:
    """Pairs within families: the same place with another weather.

    Parameters
    ----------
    ws : torch.Tensor, (count, num_ws, w_dim), families one after the other
    pictures : torch.Tensor, (count, embed_dim)
    targets : torch.Tensor, (count, ways, embed_dim)
    rounds : int
        How many sources each goal gets.
    """
    random = torch.Generator().manual_seed(seed)
    goals = torch.arange(len(ws)).repeat(rounds)
    first = goals // FAMILY_SIZE * FAMILY_SIZE
    member = torch.randint(FAMILY_SIZE, goals.shape, generator=random)
    is_calm = torch.rand(goals.shape, generator=random) < calm_share
    sources = first + member.where(~is_calm, 0)
    return LatentPairs(ws[sources], ws[goals], pictures[sources], targets[goals])


@torch.no_grad()
def sampled_pairs(
    generator: torch.nn.Module,
    encode_image: Callable[[torch.Tensor], torch.Tensor],
    count: int,
    *,
    batch_size: int = 16,
    seed: int = 1,
) -> LatentPairs:
    """Pairs of any generator: a latent, and the same with a part of its rows from another.

    The target is the embedding of the second picture. Nothing is optimized.
    """
    random = torch.Generator().manual_seed(seed)
    source_ws, goal_ws = [], []
    for _ in range(0, count, batch_size):
        z = torch.randn(2 * batch_size, generator.z_dim, generator=random)
        source, other = generator.mapping(z.to(generator.w_avg.device)).chunk(2)
        rows = torch.rand(batch_size, generator.num_ws, 1, generator=random) < 0.3
        source_ws.append(source)
        goal_ws.append(torch.where(rows.to(source.device), other, source))
    source, goal = torch.cat(source_ws)[:count], torch.cat(goal_ws)[:count]
    seen = [
        torch.cat([encode_image(generator.synthesis(part)) for part in ws.split(batch_size)])
        for ws in (source, goal)
    ]
    return LatentPairs(source, goal, seen[0], seen[1][:, None])


def distilled_pairs(
    bundle,
    source_ws: torch.Tensor,
    targets: torch.Tensor,
    *,
    config: ManipulateConfig | None = None,
    batch_size: int = 16,
) -> LatentPairs:
    """What the optimization makes of latents (count, num_ws, w_dim) and targets, row by row.

    `targets` (count, embed_dim) are what is to be seen: no prior comes before them.
    """
    config = config or ManipulateConfig(target="direct")
    results = [
        manipulate(bundle, ws, target_features=features, config=config)
        for ws, features in zip(source_ws.split(batch_size), targets.split(batch_size), strict=True)
    ]
    with torch.no_grad():
        seen = torch.cat([bundle.encode_image(result.source_images) for result in results])
    return LatentPairs(
        source_ws, torch.cat([result.ws for result in results]), seen, targets[:, None]
    )


def train_mapper(
    pairs: LatentPairs,
    *,
    config: MapperTrainingConfig | None = None,
    mapper: Mapper | None = None,
    checkpoint: Path | None = None,
    progress: bool = True,
) -> tuple[Mapper, list[dict[str, float]]]:
    """Train a mapper, or train `mapper` on, toward the goals of pairs: stages A and C."""
    config = config or MapperTrainingConfig()
    torch.manual_seed(config.seed)
    mapper = mapper or _mapper_for(pairs)
    ways = pairs.targets.shape[1]

    def loss_of_batch(model, batch, generator):
        way = torch.randint(ways, (len(batch),), generator=generator)
        target = pairs.targets[batch, way]
        target = target + config.target_noise * torch.randn(target.shape, generator=generator)
        device = next(model.parameters()).device
        source_ws = pairs.source_ws[batch].to(device)
        found = model(
            source_ws,
            F.normalize(target, dim=-1).to(device),
            pairs.source_features[batch].to(device),
        )
        error = F.smooth_l1_loss(
            found, pairs.goal_ws[batch].to(device), beta=config.closeness, reduction="none"
        )
        return {"loss": error.sum(dim=(1, 2)).mean()}

    history = train(
        mapper,
        loss_of_batch,
        len(pairs.source_ws),
        config,
        checkpoint=checkpoint,
        data=pairs.fingerprint,
        progress=progress,
    )
    return mapper, history


def _mapper_for(pairs: LatentPairs) -> Mapper:
    num_ws, w_dim = pairs.source_ws.shape[1:]
    return Mapper(MapperConfig(num_ws=num_ws, w_dim=w_dim, embed_dim=pairs.targets.shape[2]))


def train_by_guidance(
    mapper: Mapper,
    generator: torch.nn.Module,
    encode_image: Callable[[torch.Tensor], torch.Tensor],
    pairs: LatentPairs,
    *,
    weights: ManipulateConfig,
    config: MapperTrainingConfig,
    checkpoint: Path | None = None,
    progress: bool = True,
) -> list[dict[str, float]]:
    """Stage B: the loss of the optimization itself, through the frozen generator and CLIP.

    `weights` gives lambda_sim and the weight of the L1 penalty; the goals of the pairs are not
    looked at.
    """
    ways = pairs.targets.shape[1]

    def loss_of_batch(model, batch, random):
        way = torch.randint(ways, (len(batch),), generator=random)
        device = next(model.parameters()).device
        source_ws, target = pairs.source_ws[batch].to(device), pairs.targets[batch, way].to(device)
        ws = model(source_ws, target, pairs.source_features[batch].to(device))
        seen = encode_image(generator.synthesis(ws, noise_mode="const"))
        guidance = cosine_distance(seen, target).mean()
        change = ws - source_ws
        leash = weights.similarity_weight * change.square().sum(dim=(1, 2)).mean()
        sparse = weights.sparse_weight * change.abs().sum(dim=(1, 2)).mean()
        return {"loss": guidance + leash + sparse, "guidance": guidance}

    return train(
        mapper,
        loss_of_batch,
        len(pairs.source_ws),
        config,
        checkpoint=checkpoint,
        data=pairs.fingerprint,
        progress=progress,
    )
