"""The one training loop of the project.

shuffled batches -> loss -> AdamW under one cosine schedule with warm-up -> a checkpoint and a line
of the log after each epoch, from which the same call goes on.

Hugging Face accelerate chooses the device, the precision, the accumulation of gradients and the
number of processes: `accelerate launch --num_processes 8 --mixed_precision bf16 -m sgim train all`.
"""

import copy
import csv
import dataclasses
import importlib.util
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.distributed
import torch.distributed.nn.functional
from accelerate import Accelerator, DistributedDataParallelKwargs
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from sgim.checks import atomic_path, require, require_in_range
from sgim.devices import threads_for
from sgim.files.checkpoint import resume_training, save_tensors, training_state


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """Length, batch and optimizer of a training.

    `batch_size` counts the examples of one step over all processes. `warmup_share` is the share of
    all steps with a rising learning rate. `ema_decay` above 0 keeps a moving average of the
    weights, which is what is evaluated and returned. `patience` stops after so many epochs without
    a better held-out `monitor` (higher is better) and returns the best weights. `seed` decides the
    order of the examples and everything drawn at random.
    """

    num_epochs: int = 10
    batch_size: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warmup_share: float = 0.05
    ema_decay: float = 0.0
    monitor: str = "zero_shot"
    patience: int | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("num_epochs", "batch_size", "learning_rate"):
            value = getattr(self, name)
            require(value > 0, f"{name} is {value}; it must be above 0.")
        require_in_range("ema_decay", self.ema_decay, 0.0, 0.9999)
        require_in_range("warmup_share", self.warmup_share, 0.0, 0.9)


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
    evaluate: Callable[[torch.nn.Module], dict[str, float]] | None = None,
    on_epoch: Callable[[int, dict[str, float]], object] | None = None,
    progress: bool = True,
) -> list[dict[str, float]]:
    """Train `model` in place and leave it in eval mode.

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
        the checkpoint has other settings, or `patience` has nothing to watch.
    """
    accelerator = start_processes()
    processes = accelerator.num_processes
    steps_per_epoch = count // config.batch_size
    require(
        steps_per_epoch > 0,
        f"{count} examples do not fill a batch of {config.batch_size}; lower batch_size.",
    )
    require(
        config.batch_size % processes == 0,
        f"batch_size is {config.batch_size}; it must be a multiple of the {processes} processes.",
    )
    spared = set(undecayed)
    decayed = [parameter for parameter in model.parameters() if parameter not in spared]
    optimizer = torch.optim.AdamW(
        [{"params": decayed}, {"params": list(undecayed), "weight_decay": 0.0}],
        config.learning_rate,
        betas=(0.9, 0.98),
        weight_decay=config.weight_decay,
    )
    if processes > 1 and accelerator.device.type == "cuda":
        model = torch.nn.SyncBatchNorm.convert_sync_batchnorm(model)
    model = model.to(memory_format=torch.channels_last)
    keepers = _Keepers(model, config)
    history = resume_training(checkpoint, dataclasses.asdict(config), keepers, optimizer)
    wrapped, optimizer = accelerator.prepare(model, optimizer)
    keepers.to(accelerator.device)
    log = _Log(checkpoint) if checkpoint is not None and accelerator.is_main_process else None
    num_steps = config.num_epochs * steps_per_epoch
    for epoch in range(len(history), config.num_epochs):
        if keepers.is_done(history):
            break
        generator = torch.Generator().manual_seed(config.seed * 1000 + epoch)
        torch.manual_seed(config.seed * 1000 + epoch + 1_000_003 * accelerator.process_index)
        wrapped.train()
        sums: dict[str, float] = {}
        started = time.perf_counter()
        bar = tqdm(
            batches(count, config.batch_size, generator),
            f"epoch {epoch + 1}/{config.num_epochs}",
            steps_per_epoch,
            disable=not (progress and accelerator.is_main_process),
        )
        for index, batch in enumerate(bar):
            factor = schedule(epoch * steps_per_epoch + index, num_steps, config.warmup_share)
            for group in optimizer.param_groups:
                group["lr"] = config.learning_rate * factor
            mine = batch.chunk(processes)[accelerator.process_index]
            with accelerator.accumulate(wrapped):
                scalars = loss_of_batch(wrapped, mine, generator)
                accelerator.backward(scalars["loss"])
                if accelerator.sync_gradients:
                    accelerator.clip_grad_norm_(wrapped.parameters(), 1.0)
                optimizer.step()
                optimizer.zero_grad()
            keepers.follow()
            for name, value in scalars.items():
                sums[name] = sums.get(name, 0.0) + value.item()
            bar.set_postfix(loss=f"{sums['loss'] / (index + 1):.3f}", refresh=False)
        rate = steps_per_epoch * config.batch_size / (time.perf_counter() - started)
        means = {name: total / steps_per_epoch for name, total in sums.items()}
        learned = keepers.learned.eval()
        history.append(means | (evaluate(learned) if evaluate else {}))
        keepers.keep_best(history)
        if on_epoch is not None and accelerator.is_main_process:
            on_epoch(epoch + 1, history[-1])
        if log is not None:
            log.write(history, rate)
            save_tensors(
                checkpoint,
                training_state(keepers, optimizer),
                {"config": dataclasses.asdict(config), "history": history},
            )
        accelerator.wait_for_everyone()
    keepers.hand_over()
    model.eval()
    return history


class _Keepers(torch.nn.Module):
    """The model, and its moving average and best weights where the config asks for them."""

    def __init__(self, model: torch.nn.Module, config: TrainingConfig) -> None:
        super().__init__()
        self.config, self.model, self.average = config, model, None
        if config.ema_decay > 0:
            follow = get_ema_multi_avg_fn(config.ema_decay)
            self.average = AveragedModel(model, multi_avg_fn=follow, use_buffers=True)
        self.best = copy.deepcopy(model) if config.patience is not None else None

    @property
    def learned(self) -> torch.nn.Module:
        """The weights to evaluate: the average where there is one."""
        return self.model if self.average is None else self.average.module

    def follow(self) -> None:
        if self.average is not None:
            self.average.update_parameters(self.model)

    def _scores(self, history: list[dict[str, float]]) -> list[float]:
        monitor = self.config.monitor
        require(
            all(monitor in epoch for epoch in history),
            f"patience watches {monitor!r}, which no evaluation gives; pass `evaluate`, or set "
            "monitor to one of its scores.",
        )
        return [epoch[monitor] for epoch in history]

    def keep_best(self, history: list[dict[str, float]]) -> None:
        if self.best is not None:
            scores = self._scores(history)
            if scores[-1] > max(scores[:-1], default=-math.inf):
                self.best.load_state_dict(self.learned.state_dict())

    def is_done(self, history: list[dict[str, float]]) -> bool:
        if self.best is None or not history:
            return False
        scores = self._scores(history)
        return len(scores) - 1 - scores.index(max(scores)) >= self.config.patience

    def hand_over(self) -> None:
        """Give the model the weights that its caller wants."""
        chosen = self.learned if self.best is None else self.best
        if chosen is not self.model:
            self.model.load_state_dict(chosen.state_dict())


class _Log:
    """One line of CSV per epoch beside the checkpoint, and TensorBoard where it is installed."""

    def __init__(self, checkpoint: Path) -> None:
        self.path = checkpoint.with_suffix(".csv")
        self.board = None
        if importlib.util.find_spec("tensorboard"):
            from torch.utils.tensorboard import SummaryWriter

            self.board = SummaryWriter(str(checkpoint.with_suffix(".tensorboard")))

    def write(self, history: list[dict[str, float]], examples_per_second: float) -> None:
        rows = []
        if self.path.exists():
            with open(self.path, newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))[: len(history) - 1]
        newest = history[-1] | {"examples_per_second": round(examples_per_second, 1)}
        rows.append({"epoch": len(history)} | newest)
        with atomic_path(self.path) as temporary, open(temporary, "w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[-1]), extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
        if self.board is not None:
            for name, value in newest.items():
                self.board.add_scalar(name, value, len(history))
            self.board.flush()
