"""How an audio encoder learns from recordings, with a training that changes nothing."""

import numpy as np
import pytest
import soundfile
import torch

from sgim.embedding.audio_training import learn_from_recordings
from sgim.embedding.recordings import Recording
from sgim.models.audio_encoder import AudioEncoder, AudioEncoderConfig
from sgim.world.names import HEARD_NAMES
from sgim.world.sounds import synthesize_sound


@pytest.fixture
def recordings(tmp_path):
    """Two of each name, from two repositories."""
    found = []
    for name in HEARD_NAMES:
        for seed in (1, 2):
            path = tmp_path / f"{name}_{seed}.wav"
            waveform, rate = synthesize_sound(name if name != "clear" else "fire", 0.8, 5.0, seed)
            soundfile.write(path, waveform.numpy(), rate)
            words = {"source": "made", "license": "MIT", "repository": f"repository {seed}"}
            found.append(Recording(path, name, name, f"{name}_{seed}", False, **words))
    return found


def shard(path, classes):
    np.savez(
        path,
        log_mels=np.zeros((len(classes), 64, 501), dtype=np.float16),
        classes=np.array(classes),
        intensities=np.full(len(classes), 0.5, dtype=np.float32),
    )
    return path


def test_each_part_is_left_out_once_and_the_ear_that_ships_learns_from_all(
    recordings, bundle, tmp_path
):
    part_of = [index % 2 for index in range(len(recordings))]
    shards = [[shard(tmp_path / "zero.npz", [0, 1])], [shard(tmp_path / "one.npz", [2])]]
    encoder = AudioEncoder(AudioEncoderConfig(widths=(4, 8))).eval()
    calls = []

    def tune(learner, paths, seed, name):
        calls.append((name, [path.stem for path in paths], seed))
        with torch.no_grad():
            learner.projection.bias += seed
        return learner, [{"loss": 0.0}]

    learned, told, heard = learn_from_recordings(
        encoder, recordings, part_of, shards, bundle.encode_text, tune, (1, 3)
    )
    assert calls == [
        ("audio_without_0", ["one"], 1),
        ("audio_without_1", ["zero"], 1),
        ("audio_1", ["zero", "one"], 1),
        ("audio_3", ["zero", "one"], 3),
    ]
    assert torch.allclose(learned.projection.bias, encoder.projection.bias + 2)
    assert heard.names == [HEARD_NAMES[index] for index in (0, 1, 2)]
    assert set(told["left_out"]["recalls"]) == set(HEARD_NAMES[:-1])
    assert told["left_out"]["accuracy"] == pytest.approx(
        np.mean(list(told["left_out"]["recalls"].values())), abs=1e-3
    )
    assert learned.config.certainty != encoder.config.certainty
