"""Saves the gradient of one alignment batch, which the processes of `torchrun` share."""

import dataclasses
import sys

import torch
from test_align import QUICK, SMALL, made_up_data, small_encoder

from sgim.embedding.alignment import AlignmentObjective, ScaledEncoder
from sgim.embedding.training_loop import start_processes


def gradient_of_one_batch() -> torch.Tensor:
    """The gradient of a batch of 16, in however many parts; its draws are the same in each."""
    accelerator = start_processes()
    config = dataclasses.replace(QUICK, learn_logit_scale=True)
    model = accelerator.prepare(ScaledEncoder(small_encoder().eval(), config))
    objective = AlignmentObjective(made_up_data(), config, SMALL)
    objective.augment.eval()
    batch = torch.arange(16).chunk(accelerator.num_processes)[accelerator.process_index]
    scalars = objective(model, batch, torch.Generator().manual_seed(0))
    accelerator.backward(scalars["loss"])
    return torch.cat([parameter.grad.flatten() for parameter in model.parameters()])


if __name__ == "__main__":
    gradient = gradient_of_one_batch()
    if start_processes().is_main_process:
        torch.save(gradient, sys.argv[1])
