"""The one training loop of the project.

shuffled batches -> loss -> AdamW under one cosine schedule with warm-up -> a checkpoint and a line
of the log after each epoch, from which the same call goes on.

Hugging Face accelerate chooses the device, the precision, the accumulation of gradients and the
number of processes: `accelerate launch --num_processes 8 --mixed_precision bf16 -m sgim train all`.
"""

import dataclasses
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.distributed
import torch.distributed.nn.functional
from accelerate import Accelerator, DistributedDataParallelKwargs
from tqdm import tqdm

from sgim.checks import require
from sgim.devices import threads_for
from sgim.embedding.kept_weights import KeptWeights
from sgim.embedding.training_config import TrainingConfig
from sgim.embedding.training_log import TrainingLog
from sgim.files.checkpoint import resume_training, save_tensors, training_state


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


def gather(features: torch.Tensor) -> torch.Tensor:
    """Join the rows of all processes, with gradients; on a single process they stay as they are.

    A contrast needs the other processes' features as its negatives. Every process then computes
    the loss of the whole batch, and the mean of their gradients is the gradient of that loss.
    """
    if not (torch.distributed.is_initialized() and torch.distributed.get_world_size() > 1):
        return features
    if not features.requires_grad:
        rows = [torch.empty_like(features) for _ in range(torch.distributed.get_world_size())]
        torch.distributed.all_gather(rows, features.contiguous())
        return torch.cat(rows)
    return torch.cat(torch.distributed.nn.functional.all_gather(features))


def start_processes() -> Accelerator:
    """Join the processes of `accelerate launch` or `torchrun`, or stand alone.

    Buffers are left alone at each forward pass, for two views of a batch need two of them before
    one backward pass; batch norms are synchronized on CUDA.
    """
    return Accelerator(kwargs_handlers=[DistributedDataParallelKwargs(broadcast_buffers=False)])


LossOfBatch = Callable[[torch.nn.Module, torch.Tensor, torch.Generator], dict[str, torch.Tensor]]
"""Model, indices of this process's part of the batch, generator -> scalars by name; "loss" is the
one to minimize, the others are recorded beside it."""


@threads_for(math.inf)
def train(
    model: torch.nn.Module,
    loss_of_batch: LossOfBatch,
    count: int,
    config: TrainingConfig,
    *,
    undecayed: Sequence[torch.nn.Parameter] = (),
    checkpoint: Path | None = None,
    data: str = "",
    evaluate: Callable[[torch.nn.Module], dict[str, float]] | None = None,
    on_epoch: Callable[[int, dict[str, float]], object] | None = None,
    progress: bool = True,
) -> list[dict[str, float]]:
    """Train `model` in place and leave it in eval mode.

    A loss, a gradient or weights that are not finite end the training, whatever the reason: the
    model is left with the weights of the last good epoch, and so is the checkpoint.

    Parameters
    ----------
    model : torch.nn.Module
    loss_of_batch : callable
        See `LossOfBatch`. It calls the model it is given, and `gather` before a contrast.
    count : int
        Number of examples.
    config : TrainingConfig
    undecayed : sequence of torch.nn.Parameter
        Those of the model that weight decay leaves alone.
    checkpoint : Path
        Written whole after each epoch; the same call continues from it, with the same result on
        a CPU. Beside it grows `<checkpoint>.csv`, one line per epoch.
    data : str
        The fingerprint of the examples, see `fingerprint_of`. A checkpoint that was written with
        other examples is told of in a warning, and the training starts anew.
    evaluate : callable
        Model in eval mode -> held-out scores, joined to the history of each epoch.
    on_epoch : callable
        Told after each epoch its number, from 1, and its line of the history.
    progress : bool
        Show a bar.

    Returns
    -------
    list of dict
        Per epoch the mean of each scalar, and the held-out scores.

    Raises
    ------
    SgimError
        When the examples do not fill one batch, the batch does not divide among the processes,
        the checkpoint has other settings, `patience` has nothing to watch, or the loss, a
        gradient or the weights are not finite.
    """
    accelerator = start_processes()
    _require_whole_batches(count, config.batch_size, accelerator.num_processes)
    optimizer = _optimizer(model, config, undecayed)
    if accelerator.num_processes > 1 and accelerator.device.type == "cuda":
        model = torch.nn.SyncBatchNorm.convert_sync_batchnorm(model)
    model = model.to(memory_format=torch.channels_last)
    kept = KeptWeights(model, config)
    history = resume_training(checkpoint, dataclasses.asdict(config), kept, optimizer, data)
    kept.require_finite(f"delete {checkpoint}" if history else "start from other weights")
    wrapped, optimizer = accelerator.prepare(model, optimizer)
    kept.to(accelerator.device)
    log = TrainingLog(checkpoint) if checkpoint and accelerator.is_main_process else None
    epochs = _Epochs(
        accelerator=accelerator,
        model=wrapped,
        optimizer=optimizer,
        kept=kept,
        loss_of_batch=loss_of_batch,
        count=count,
        config=config,
        checkpoint=checkpoint,
        progress=progress,
    )
    for epoch in range(len(history), config.num_epochs):
        if kept.is_done(history):
            break
        with kept.last_good():
            means, rate = epochs.run(epoch)
        learned = kept.learned.eval()
        history.append(means | (evaluate(learned) if evaluate else {}))
        kept.keep_best(history)
        if on_epoch is not None and accelerator.is_main_process:
            on_epoch(epoch + 1, history[-1])
        if log is not None:
            log.write(history, rate)
            save_tensors(
                checkpoint,
                training_state(kept, optimizer),
                {"config": dataclasses.asdict(config), "data": data, "history": history},
            )
        accelerator.wait_for_everyone()
    kept.hand_over()
    return history


def _require_whole_batches(count: int, batch_size: int, processes: int) -> None:
    require(
        count >= batch_size,
        f"{count} examples do not fill a batch of {batch_size}; lower batch_size.",
    )
    require(
        batch_size % processes == 0,
        f"batch_size is {batch_size}; it must be a multiple of the {processes} processes.",
    )


def _optimizer(
    model: torch.nn.Module, config: TrainingConfig, undecayed: Sequence[torch.nn.Parameter]
) -> torch.optim.Optimizer:
    spared = set(undecayed)
    decayed = [parameter for parameter in model.parameters() if parameter not in spared]
    return torch.optim.AdamW(
        [{"params": decayed}, {"params": list(undecayed), "weight_decay": 0.0}],
        config.learning_rate,
        betas=(0.9, 0.98),
        weight_decay=config.weight_decay,
    )


@dataclass(frozen=True, kw_only=True)
class _Epochs:
    """What all epochs of one call of `train` have in common."""

    accelerator: Accelerator
    model: torch.nn.Module
    optimizer: torch.optim.Optimizer
    kept: KeptWeights
    loss_of_batch: LossOfBatch
    count: int
    config: TrainingConfig
    checkpoint: Path | None
    progress: bool

    @property
    def num_steps(self) -> int:
        """Steps of one epoch."""
        return self.count // self.config.batch_size

    def run(self, epoch: int) -> tuple[dict[str, float], float]:
        """One epoch: the mean of each scalar, and examples per second."""
        seed = self.config.seed * 1000 + epoch
        generator = torch.Generator().manual_seed(seed)
        torch.manual_seed(seed + 1_000_003 * self.accelerator.process_index)
        self.model.train()
        sums: dict[str, float] = {}
        started = time.perf_counter()
        bar = tqdm(
            batches(self.count, self.config.batch_size, generator),
            f"epoch {epoch + 1}/{self.config.num_epochs}",
            self.num_steps,
            disable=not (self.progress and self.accelerator.is_main_process),
        )
        for index, batch in enumerate(bar):
            for name, value in self.step(epoch, index, batch, generator).items():
                sums[name] = sums.get(name, 0.0) + value
            bar.set_postfix(loss=f"{sums['loss'] / (index + 1):.3f}", refresh=False)
        self.kept.require_finite(self.end_of(epoch))
        rate = self.num_steps * self.config.batch_size / (time.perf_counter() - started)
        return {name: total / self.num_steps for name, total in sums.items()}, rate

    def step(
        self, epoch: int, index: int, batch: torch.Tensor, generator: torch.Generator
    ) -> dict[str, float]:
        """One step of the optimizer: its scalars."""
        accelerator = self.accelerator
        step, num_steps = epoch * self.num_steps + index, self.config.num_epochs * self.num_steps
        factor = schedule(step, num_steps, self.config.warmup_share)
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.learning_rate * factor
        mine = batch.chunk(accelerator.num_processes)[accelerator.process_index]
        with accelerator.accumulate(self.model):
            scalars = self.loss_of_batch(self.model, mine, generator)
            accelerator.backward(scalars["loss"])
            values = {name: value.item() for name, value in scalars.items()}
            self.require_finite("loss", values["loss"], epoch, index)
            if accelerator.sync_gradients:
                norm = accelerator.clip_grad_norm_(self.model.parameters(), 1.0)
                if accelerator.scaler is None:  # which leaves out steps that overflow
                    self.require_finite("gradient", norm.item(), epoch, index)
            self.optimizer.step()
            self.optimizer.zero_grad()
        self.kept.follow()
        return values

    def require_finite(self, what: str, value: float, epoch: int, index: int) -> None:
        """End the training with one sentence unless a number is finite."""
        require(
            math.isfinite(value),
            f"the {what} is {value} in step {index + 1} of epoch {epoch + 1}; "
            f"{self.end_of(epoch)}.",
        )

    def end_of(self, epoch: int) -> str:
        """What is left of a training that ends in an epoch, and what to do."""
        weights = f"with the weights of epoch {epoch}" if epoch else "before anything was learned"
        place = f" in {self.checkpoint}" if epoch and self.checkpoint else ""
        return (
            f"the training ends {weights}{place}: lower the learning_rate of "
            f"{self.config.learning_rate:g}, or look for damaged examples"
        )
