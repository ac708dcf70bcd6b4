"""Settings that every training shares.

numbers -> checked -> `TrainingConfig`, which is kept in the checkpoint
"""

from dataclasses import dataclass

from sgim.checks import require, require_in_range


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
