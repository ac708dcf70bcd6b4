"""A3: checks of its functions, the file of an encoder, and the leaderboards of A3 and A4."""

import json
import os
import pickle
import struct

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from sgim.checks import SgimError
from sgim.commands import cli
from sgim.exercises import encoders
from sgim.exercises.artifacts import save_ws
from sgim.exercises.edits import edit_task
from sgim.exercises.encoders import (
    check_encoder_file,
    check_training_step,
    check_zero_shot,
    encoder_score,
    new_encoder,
    save_encoder,
)
from sgim.exercises.leaderboard import leaderboard

FILE = "a3_encoder.safetensors"


def zero_shot(features, label_features):
    return (F.normalize(features, dim=1) @ F.normalize(label_features, dim=1).T).argmax(dim=1)


def step(encoder, optimizer, log_mels, captions, scale, fresh=True, sign=1, both=True, moves=True):
    logits = scale * encoder(log_mels) @ captions.T
    own = torch.arange(len(logits))
    loss = F.cross_entropy(logits, own)
    if both:
        loss = (loss + F.cross_entropy(logits.T, own)) / 2
    if fresh:
        optimizer.zero_grad()
    (sign * loss).backward()
    if moves:
        optimizer.step()
    return loss.item()


def variant(**changes):
    return lambda *given: step(*given, **changes)


@pytest.mark.parametrize("seed", [0, 1, 2026])
@pytest.mark.parametrize(
    ("check", "answer"), [(check_zero_shot, zero_shot), (check_training_step, step)]
)
def test_a_right_answer_is_right(check, answer, seed):
    report = check(answer, seed=seed)
    assert report.right, report


@pytest.mark.parametrize(
    ("check", "answer", "words"),
    [
        (check_zero_shot, lambda f, t: (f @ t.T).argmax(1), "Normalization forgotten"),
        (check_zero_shot, lambda f, t: zero_shot(-f, t), "farthest label"),
        (check_zero_shot, lambda f, t: zero_shot(t, f), "axes are mixed up"),
        (check_zero_shot, lambda f, t: F.normalize(f) @ F.normalize(t).T, "cosines are returned"),
        (check_zero_shot, lambda f, t: torch.zeros(len(f)), "the same number"),
        (check_zero_shot, lambda f, t: None, "returns nothing yet"),
        (check_training_step, variant(fresh=False), "gradients of all steps"),
        (check_training_step, variant(sign=-1), "climbed"),
        (check_training_step, variant(both=False), "not symmetric"),
        (check_training_step, variant(moves=False), "Nothing moves"),
        (check_training_step, lambda *a: step(*a[:4], 1 / a[4]), "Temperature inverted"),
        (check_training_step, lambda *a: step(*a[:4], 1.0), "temperature is not used"),
        (check_training_step, lambda *a: 0 * step(*a), "not the loss of the batch"),
        (check_training_step, lambda *a: [step(*a)], "than one number"),
        (check_training_step, lambda *a: None, "returns nothing yet"),
    ],
)
def test_a_mistake_is_named(check, answer, words):
    report = check(answer, seed=3)
    assert not report.right and words in str(report)


@pytest.fixture(scope="module")
def untrained(tmp_path_factory):
    path = tmp_path_factory.mktemp("encoder") / FILE
    save_encoder(path, new_encoder())
    return path


def test_the_file_decides_and_the_goal_is_reached_in_parts(untrained, tmp_path, monkeypatch):
    assert "There is no" in str(check_encoder_file(tmp_path / FILE))
    for score, held in ((0.1, 0), (0.4, 1), (0.6, 2), (0.8, 3)):
        monkeypatch.setattr(encoders, "encoder_score", lambda *given, score=score: score)
        report = check_encoder_file(untrained)
        assert len(report.held) == held and report.right == (held == 3)
        assert held or "no more than a blind guess" in str(report)


def test_a_score_is_the_same_for_the_same_seed_and_near_chance_without_training(untrained):
    score = encoder_score(untrained, seed=5, count=24)
    assert score == encoder_score(untrained, seed=5, count=24) and 0 <= score < 0.5


def damaged(path):
    """Files that are no weights of A3, name -> writer."""
    state = new_encoder().state_dict()
    first = next(iter(state))
    bad = state | {first: torch.full_like(state[first], float("nan"))}
    huge = struct.pack("<Q", 10**15) + b"{"
    return {
        "a pickle": lambda: path.write_bytes(pickle.dumps(os.getcwd)),
        "a checkpoint of PyTorch": lambda: torch.save(state, path),
        "no numbers": lambda: save_encoder(path, torch.nn.Linear(2, 2)),
        "NaN": lambda: save_file(bad, path),
        "another size": lambda: save_file(state | {first: state[first][:1]}, path),
        "too large": lambda: path.write_bytes(b"\0" * 3_000_000),
        "a header without end": lambda: path.write_bytes(huge),
        "cut off": lambda: path.write_bytes(_bytes(state)[:5000]),
        "empty": lambda: path.write_bytes(b""),
        "a folder": lambda: path.mkdir(),
        "truths": lambda: save_file({"ws": torch.ones(3, dtype=torch.bool)}, path),
    }


def _bytes(state):
    from safetensors.torch import save

    return save(state)


@pytest.mark.parametrize("kind", list(damaged(None)))
def test_a_hostile_file_gets_one_sentence(tmp_path, kind):
    path = tmp_path / FILE
    damaged(path)[kind]()
    with pytest.raises(SgimError) as refusal:
        encoder_score(path, count=8)
    told = str(refusal.value)
    assert FILE in told and "\n" not in told and len(told) < 400
    assert not check_encoder_file(path).judged


@pytest.fixture(scope="module")
def submitted(tmp_path_factory):
    """Three students hand in latents of A4, one of them a claim in words, and two files of A3."""
    folder = tmp_path_factory.mktemp("submitted")
    task = edit_task(0)
    board = {
        "ada": task.source_ws,
        "ben": task.source_ws,
        "cleo": task.source_ws + 3.0,
        "dan": task.source_ws[:2],
        "eve": task.source_ws * float("nan"),
    }
    for student, ws in board.items():
        place = folder / student / "a4_latent_optimization"
        place.mkdir(parents=True)
        save_ws(place / "a4_ws.safetensors", ws)
    (folder / "fay").mkdir()
    (folder / "gil" / "a4_latent_optimization").mkdir(parents=True)
    claim = json.dumps({"score": 3, "drift": 0.0})
    (folder / "gil" / "a4_latent_optimization" / "a4_ws.safetensors").write_text(claim)
    return folder


def test_latents_are_judged_and_claims_are_not(submitted):
    rows = {one.student: one for one in leaderboard("a4_latent_optimization", submitted)}
    assert len(rows) == 7
    assert rows["ada"].score == 0 and not rows["ada"].remark and len(rows["ada"].sha256) == 64
    assert rows["ben"].remark == "the same file as ada"
    for student, words in {
        "cleo": "drift by",
        "dan": "does not hold one tensor",
        "eve": "not finite",
        "fay": "is missing",
        "gil": "no safetensors file",
    }.items():
        assert words in rows[student].remark and rows[student].score == 0
    assert rows["ada"].rank == 1


def test_the_command_writes_scores_seeds_and_checksums_best_first(
    untrained, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(
        "sgim.exercises.leaderboard.encoder_score", lambda path, seed: 0.1 * len(path.parts[-3])
    )
    for student in ("li", "ada", "konrad"):
        place = tmp_path / "submitted" / student / "a3_train_encoder"
        place.mkdir(parents=True)
        save_encoder(place / FILE, new_encoder(len(student)))
    out = tmp_path / "board.csv"
    words = ["course", "leaderboard", "a3_train_encoder", str(tmp_path / "submitted")]
    assert cli.main([*words, "--seed", "7", "--out", str(out)]) == 0
    lines = [line.split(",") for line in out.read_text().splitlines()]
    assert [line[1] for line in lines] == ["student", "konrad", "ada", "li"]
    assert {line[7] for line in lines[1:]} == {"7"} and lines[0][7] == "seed"
    assert len({line[8] for line in lines[1:]}) == 3
    assert "1. konrad: 0.6" in capsys.readouterr().out


def test_an_assignment_without_a_leaderboard_gets_one_sentence(tmp_path, capsys):
    assert cli.main(["course", "leaderboard", "a1_log_mel", str(tmp_path)]) == 2
    assert "there are a3_train_encoder" in capsys.readouterr().err
