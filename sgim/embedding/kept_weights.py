"""The weights that a training keeps beside those of its last step.

model after each step and epoch -> moving average, best and last good weights -> what is handed over
"""

import contextlib
import copy
import math
from collections.abc import Iterator

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from sgim.checks import SgimError, require, require_finite
from sgim.embedding.training_config import TrainingConfig


class KeptWeights(torch.nn.Module):
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

    @contextlib.contextmanager
    def last_good(self) -> Iterator[None]:
        """Put the weights back to what they are now if the block ends with an `SgimError`."""
        good = {name: tensor.clone() for name, tensor in self.state_dict().items()}
        try:
            yield
        except SgimError:
            self.load_state_dict(good)
            self.hand_over()
            raise

    def require_finite(self, remedy: str) -> None:
        """Raise `SgimError` with the first of all tensors that holds NaN or infinity."""
        for name, tensor in self.state_dict().items():
            require_finite(f"the weights {name}", tensor, remedy)

    def hand_over(self) -> None:
        """Give the model the weights that its caller wants, in eval mode."""
        chosen = self.learned if self.best is None else self.best
        if chosen is not self.model:
            self.model.load_state_dict(chosen.state_dict())
        self.model.eval()


def mean_weights(weights: list[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The mean of each tensor over trainings that set out from the same weights.

    Such a mean generalizes better than each of them: a "model soup", Wortsman et al. 2022.

    >>> mean_weights([{"a": torch.tensor([1.0])}, {"a": torch.tensor([3.0])}])
    {'a': tensor([2.])}
    """
    return {
        name: torch.stack([one[name].float() for one in weights]).mean(0).to(tensor.dtype)
        for name, tensor in weights[0].items()
    }
