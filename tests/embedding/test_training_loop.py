"""The training loop: averages, early stop, log, many processes, and nothing lost by kill -9."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from places import ROOT
from two_processes import gradient_of_one_batch

from sgim.checks import SgimError
from sgim.embedding.training_loop import TrainingConfig, train
from sgim.files.checkpoint import load_tensors

HERE = Path(__file__).parent
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"}
ENVIRONMENT["PYTHONPATH"] = os.pathsep.join(map(str, (ROOT, ROOT / "tests")))
QUICK = TrainingConfig(num_epochs=3, batch_size=8, learning_rate=0.05, weight_decay=0.0)
EXAMPLES = torch.randn(64, 4, generator=torch.Generator().manual_seed(0))
ANSWERS = EXAMPLES @ torch.tensor([1.0, -2.0, 3.0, 0.5])


def line():
    torch.manual_seed(0)
    return torch.nn.Linear(4, 1)


def squared_error(model, batch, generator):
    return {"loss": (model(EXAMPLES[batch])[:, 0] - ANSWERS[batch]).square().mean()}


def test_a_line_is_learned_and_left_in_eval_mode():
    model = line()
    history = train(
        model, squared_error, 64, TrainingConfig(**vars(QUICK) | {"num_epochs": 20}), progress=False
    )
    assert history[-1]["loss"] < 0.02 * history[0]["loss"]
    assert not model.training


def test_every_epoch_is_told_when_it_is_done():
    told = []
    history = train(
        line(), squared_error, 64, QUICK, on_epoch=lambda *one: told.append(one), progress=False
    )
    assert told == list(enumerate(history, start=1))


def test_the_moving_average_is_what_is_evaluated_and_returned():
    config = TrainingConfig(**vars(QUICK) | {"ema_decay": 0.9})
    plain, averaged, seen = line(), line(), []
    train(plain, squared_error, 64, QUICK, progress=False)
    train(
        averaged,
        squared_error,
        64,
        config,
        evaluate=lambda model: seen.append(model.weight.clone()) or {},
        progress=False,
    )
    assert torch.equal(averaged.weight, seen[-1])
    assert not torch.equal(averaged.weight, plain.weight)


def test_weight_decay_leaves_alone_what_it_is_told_to():
    def flat(model, batch, generator):
        return {"loss": 0 * squared_error(model, batch, generator)["loss"]}

    config = TrainingConfig(**vars(QUICK) | {"weight_decay": 1.0})
    model, before = line(), line()
    train(model, flat, 64, config, undecayed=[model.bias], progress=False)
    assert torch.equal(model.bias, before.bias)
    assert (model.weight.abs() < before.weight.abs()).all()


def test_patience_stops_and_returns_the_best_weights():
    scores = iter([0.1, 0.9, 0.8, 0.7, 0.95])
    seen = []

    def evaluate(model):
        seen.append(model.weight.clone())
        return {"zero_shot": next(scores)}

    config = TrainingConfig(**vars(QUICK) | {"num_epochs": 5, "patience": 2})
    model = line()
    history = train(model, squared_error, 64, config, evaluate=evaluate, progress=False)
    assert [epoch["zero_shot"] for epoch in history] == [0.1, 0.9, 0.8, 0.7]
    assert torch.equal(model.weight, seen[1])


def test_patience_without_an_evaluation_is_refused():
    config = TrainingConfig(**vars(QUICK) | {"patience": 2})
    with pytest.raises(SgimError, match="patience watches 'zero_shot'"):
        train(line(), squared_error, 64, config, progress=False)


def test_the_log_has_one_line_per_epoch(tmp_path):
    checkpoint = tmp_path / "line.safetensors"
    history = train(line(), squared_error, 64, QUICK, checkpoint=checkpoint, progress=False)
    with open(tmp_path / "line.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3]
    assert [float(row["loss"]) for row in rows] == [epoch["loss"] for epoch in history]
    assert all(float(row["examples_per_second"]) > 0 for row in rows)


KILLED = """
import time, torch
from pathlib import Path
from test_training_loop import QUICK, line, squared_error
from sgim.embedding.training_loop import train

def slowly(model, batch, generator):
    time.sleep(0.05)
    return squared_error(model, batch, generator)

train(line(), slowly, 64, QUICK, checkpoint=Path({checkpoint!r}), progress=False)
"""


def test_a_killed_training_goes_on_bit_for_bit(tmp_path):
    checkpoint = tmp_path / "line.safetensors"
    script = KILLED.format(checkpoint=str(checkpoint))
    process = subprocess.Popen([sys.executable, "-c", script], cwd=HERE, env=ENVIRONMENT)
    while not checkpoint.exists() and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 1 <= len(load_tensors(checkpoint)[1]["history"]) < 3, "killed too late to show anything"
    resumed, whole = line(), line()
    history = train(resumed, squared_error, 64, QUICK, checkpoint=checkpoint, progress=False)
    assert history == train(whole, squared_error, 64, QUICK, progress=False)
    assert torch.equal(resumed.weight, whole.weight)


def test_two_processes_give_the_gradient_of_one(tmp_path):
    """Equal to 1e-5 of the largest entry: float32 sums in another order."""
    command = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2")
    subprocess.run(
        [*command, HERE / "two_processes.py", tmp_path / "gradient.pt"],
        cwd=HERE,
        env=ENVIRONMENT,
        check=True,
        timeout=300,
    )
    shared = torch.load(tmp_path / "gradient.pt", weights_only=True)
    alone = gradient_of_one_batch()
    assert alone.abs().max() > 0
    assert (shared - alone).abs().max() <= 1e-5 * alone.abs().max()
