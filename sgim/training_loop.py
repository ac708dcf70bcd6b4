"""The one training loop of the project.

shuffled batches -> loss -> AdamW under one cosine schedule with warm-up -> a checkpoint after each
epoch, from which the same call goes on.
"""

import dataclasses
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from tqdm import tqdm

from sgim.checkpoint import resume_training, save_tensors, training_state
from sgim.checks import require


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """Length, batch and optimizer of a training.

    `warmup_share` is the share of all steps with a rising learning rate. `seed` decides the order
    of the examples and everything drawn at random.
    """

    num_epochs: int = 10
    batch_size: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warmup_share: float = 0.05
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("num_epochs", "batch_size", "learning_rate"):
            value = getattr(self, name)
            require(value > 0, f"{name} is {value}; it must be above 0.")


def batches(count: int, batch_size: int, generator: torch.Generator) -> Iterator[torch.Tensor]:
    """Yield the indices of shuffled full batches."""
    order = torch.randperm(count, generator=generator)
    yield from order[: count - count % batch_size].split(batch_size)


def schedule(step: int, num_steps: int, warmup_share: float) -> float:
    """Linear warm-up, then cosine to zero; a factor in [0, 1]."""
    progress = (step + 1) / num_steps
    if progress < warmup_share:
        return progress / warmup_share
    return 0.5 * (1 + math.cos(math.pi * (progress - warmup_share) / (1 - warmup_share)))


def train(
    model: torch.nn.Module,
    loss_of_batch: Callable[[torch.Tensor, torch.Generator], dict[str, torch.Tensor]],
    count: int,
    config: TrainingConfig,
    *,
    checkpoint: Path | None = None,
    evaluate: Callable[[torch.nn.Module], dict[str, float]] | None = None,
    progress: bool = True,
) -> list[dict[str, float]]:
    """Train `model` in place and leave it in eval mode.

    Parameters
    ----------
    model : torch.nn.Module
    loss_of_batch : callable
        Indices of a batch (batch,) and a random generator -> scalars by name; "loss" is the one
        to minimize, the others are recorded beside it.
    count : int
        Number of examples.
    config : TrainingConfig
    checkpoint : Path
        Written whole after each epoch; the same call continues from it.
    evaluate : callable
        Model in eval mode -> held-out scores, joined to the history of each epoch.
    progress : bool
        Show a bar.

    Returns
    -------
    list of dict
        Per epoch the mean of each scalar, and the held-out scores.

    Raises
    ------
    SgimError
        When the examples do not fill one batch, or the checkpoint has other settings.
    """
    steps_per_epoch = count // config.batch_size
    require(
        steps_per_epoch > 0,
        f"{count} examples do not fill a batch of {config.batch_size}; lower batch_size.",
    )
    optimizer = torch.optim.AdamW(
        model.parameters(),
        config.learning_rate,
        betas=(0.9, 0.98),
        weight_decay=config.weight_decay,
    )
    history = resume_training(checkpoint, dataclasses.asdict(config), model, optimizer)
    num_steps = config.num_epochs * steps_per_epoch
    for epoch in range(len(history), config.num_epochs):
        generator = torch.Generator().manual_seed(config.seed * 1000 + epoch)
        torch.manual_seed(config.seed * 1000 + epoch)
        model.train()
        sums: dict[str, float] = {}
        bar = tqdm(
            batches(count, config.batch_size, generator),
            f"epoch {epoch + 1}/{config.num_epochs}",
            steps_per_epoch,
            disable=not progress,
        )
        for index, batch in enumerate(bar):
            factor = schedule(epoch * steps_per_epoch + index, num_steps, config.warmup_share)
            for group in optimizer.param_groups:
                group["lr"] = config.learning_rate * factor
            scalars = loss_of_batch(batch, generator)
            optimizer.zero_grad()
            scalars["loss"].backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            for name, value in scalars.items():
                sums[name] = sums.get(name, 0.0) + value.item()
            bar.set_postfix(loss=f"{sums['loss'] / (index + 1):.3f}")
        model.eval()
        means = {name: total / steps_per_epoch for name, total in sums.items()}
        history.append(means | (evaluate(model) if evaluate else {}))
        if checkpoint is not None:
            save_tensors(
                checkpoint,
                training_state(model, optimizer),
                {"config": dataclasses.asdict(config), "history": history},
            )
    model.eval()
    return history
