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
from sgim.embedding.training_config import TrainingConfig
from sgim.embedding.training_loop import train
from sgim.files.checkpoint import load_tensors, save_tensors

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


def test_a_checkpoint_of_other_data_is_told_and_replaced(tmp_path):
    def trained(data):
        checkpoint = tmp_path / "line.safetensors"
        return train(
            line(), squared_error, 64, QUICK, checkpoint=checkpoint, data=data, progress=False
        )

    calls = []

    def counted(model, batch, generator):
        calls.append(len(batch))
        return squared_error(model, batch, generator)

    history = trained("old")
    with pytest.warns(UserWarning, match="line.safetensors was written with other data.*anew"):
        train(
            line(),
            counted,
            64,
            QUICK,
            checkpoint=tmp_path / "line.safetensors",
            data="new",
            progress=False,
        )
    assert len(calls) == QUICK.num_epochs * 64 // QUICK.batch_size
    _, told = load_tensors(tmp_path / "line.safetensors")
    assert told["data"] == "new" and trained("new") == history


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


def poisoned_from(step, poison):
    """The loss of `squared_error` with something wrong from its call number `step` on."""
    calls = []

    def loss_of_batch(model, batch, generator):
        calls.append(batch)
        scalars = squared_error(model, batch, generator)
        return poison(model, scalars) if len(calls) >= step else scalars

    return loss_of_batch


def times(number):
    return lambda model, scalars: {"loss": scalars["loss"] * number}


def with_endless_slope(model, scalars):
    """Finite, with a gradient that is not: the slope of a square root at 0."""
    return {"loss": scalars["loss"] + (0 * model.weight).square().sum().sqrt()}


def with_spoilt_weights(model, scalars):
    with torch.no_grad():
        model.bias.fill_(float("inf"))
    return {"loss": 0 * model.weight.sum()}


@pytest.mark.parametrize(
    ("poison", "words"),
    [
        (times(float("nan")), "the loss is nan in step 3 of epoch 2; the training ends"),
        (times(float("inf")), "the loss is inf in step 3 of epoch 2; the training ends"),
        (with_endless_slope, "the gradient is nan in step 3 of epoch 2; the training ends"),
        (with_spoilt_weights, "the weights model.bias: 1 of 1 values are not finite; the training"),
    ],
)
@pytest.mark.parametrize("ema_decay", [0.0, 0.9])
def test_a_training_that_is_not_finite_ends_with_the_last_good_weights(
    tmp_path, poison, words, ema_decay
):
    config = TrainingConfig(**vars(QUICK) | {"ema_decay": ema_decay, "learning_rate": 1e-3})
    checkpoint = tmp_path / "line.safetensors"
    model, seen = line(), []
    with pytest.raises(SgimError, match=words) as error:
        train(
            model,
            poisoned_from(11, poison),
            64,
            config,
            checkpoint=checkpoint,
            evaluate=lambda model: seen.append(model.weight.clone()) or {},
            progress=False,
        )
    assert f"with the weights of epoch 1 in {checkpoint}" in str(error.value)
    assert "lower the learning_rate of 0.001" in str(error.value)
    assert len(seen) == 1 and torch.equal(model.weight, seen[0]) and not model.training
    tensors, metadata = load_tensors(checkpoint)
    assert len(metadata["history"]) == 1
    assert all(tensor.isfinite().all() for tensor in tensors.values())
    assert len((tmp_path / "line.csv").read_text().splitlines()) == 2


def test_a_training_that_is_not_finite_from_the_start_leaves_nothing(tmp_path):
    model = torch.nn.Sequential(torch.nn.BatchNorm1d(4), line())
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    def overflowing(model, batch, generator):
        return {"loss": model(EXAMPLES[batch] * float("inf")).square().mean()}

    with pytest.raises(SgimError, match="in step 1 of epoch 1; the training ends before anything"):
        train(
            model, overflowing, 64, QUICK, checkpoint=tmp_path / "line.safetensors", progress=False
        )
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert list(tmp_path.iterdir()) == []


def test_a_batch_norm_that_overflows_ends_the_training_though_the_loss_is_finite():
    model = torch.nn.Sequential(torch.nn.BatchNorm1d(4), line())

    def forgiving(model, batch, generator):
        return {"loss": model(EXAMPLES[batch] * 1e30).nan_to_num(0, 0, 0).square().mean()}

    with pytest.raises(SgimError, match="running_var: 4 of 4 values are not finite"):
        train(model, forgiving, 64, QUICK, progress=False)
    assert all(tensor.isfinite().all() for tensor in model.state_dict().values())


def test_a_checkpoint_that_is_not_finite_is_refused(tmp_path):
    checkpoint = tmp_path / "line.safetensors"
    one = TrainingConfig(**vars(QUICK) | {"num_epochs": 1})
    train(line(), squared_error, 64, one, checkpoint=checkpoint, progress=False)
    tensors, metadata = load_tensors(checkpoint)
    tensors["model.model.bias"].fill_(float("nan"))
    save_tensors(checkpoint, tensors, metadata)
    with pytest.raises(SgimError, match=f"1 of 1 values are not finite; delete {checkpoint}"):
        train(line(), squared_error, 64, one, checkpoint=checkpoint, progress=False)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", None])
def test_a_log_that_someone_opened_in_a_spreadsheet_goes_on(tmp_path, encoding):
    checkpoint, log = tmp_path / "line.safetensors", tmp_path / "line.csv"
    config = TrainingConfig(**vars(QUICK) | {"num_epochs": 2})

    def meddle(model, calls=[]):  # noqa: B006
        calls.append(1)
        if len(calls) == 2:
            text = log.read_text().replace(",", ";")
            log.write_text(text if encoding else "spoilt", encoding=encoding)
        return {}

    history = train(
        line(), squared_error, 64, config, checkpoint=checkpoint, evaluate=meddle, progress=False
    )
    with open(log, newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["loss"]) for row in rows] == [epoch["loss"] for epoch in history]
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert bool(rows[0]["examples_per_second"]) == (encoding is not None)
