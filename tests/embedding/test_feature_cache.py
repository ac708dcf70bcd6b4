"""The cache of frozen features: keyed by what they depend on, whole or not at all."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from places import ROOT

from sgim.checks import SgimError
from sgim.embedding.feature_cache import BATCHES_PER_SHARD, cached_features, fingerprint
from sgim.embedding.mini_data import frozen_features
from sgim.embedding.pairs import CAPTIONS_PER_CLIP
from sgim.embedding.renders import Renders
from sgim.models.clip import ClipConfig, build_clip
from sgim.world.names import SOUND_NAMES
from sgim.world.tokenizer import WordTokenizer

HERE = Path(__file__).parent
ENVIRONMENT = os.environ | {
    "OMP_NUM_THREADS": "1",
    "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "tests"))),
}
ROWS_PER_SHARD = 2 * BATCHES_PER_SHARD
ITEMS = torch.arange(3.0 * (2 * ROWS_PER_SHARD + 5)).view(-1, 3)


class Encoder:
    """A frozen linear tower that counts the rows it is asked for."""

    def __init__(self, seed=0):
        torch.manual_seed(seed)
        self.model = torch.nn.Linear(3, 4)
        self.rows = 0

    def __call__(self, batch):
        self.rows += len(batch)
        return self.model(batch)


def cached(folder, encoder, items=ITEMS, encode=None, **settings):
    settings = {"config": {"size": 4}, "batch_size": 2, "progress": False} | settings
    return cached_features(
        folder, "numbers", items, encode or encoder, model=encoder.model, **settings
    )


def kept_file(folder):
    (path,) = folder.glob("*.safetensors")
    return path


def test_features_are_computed_once_and_mapped_from_one_file(tmp_path):
    encoder = Encoder()
    features = cached(tmp_path, encoder)
    assert torch.allclose(features, encoder.model(ITEMS).detach(), atol=1e-5)
    assert features.dtype == torch.float32 and not features.requires_grad
    assert encoder.rows == len(ITEMS)
    assert torch.equal(cached(tmp_path, encoder), features)
    assert encoder.rows == len(ITEMS)
    assert kept_file(tmp_path).name.startswith("numbers_")


def test_what_is_written_into_features_never_reaches_the_file(tmp_path):
    encoder = Encoder()
    cached(tmp_path, encoder)[:] = 0
    assert cached(tmp_path, encoder).abs().sum() > 0
    assert encoder.rows == len(ITEMS)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_the_file_is_memory_mapped(tmp_path):
    features = cached(tmp_path, Encoder())
    assert kept_file(tmp_path).name in Path("/proc/self/maps").read_text()
    assert len(features) == len(ITEMS)


def test_other_weights_settings_or_items_are_another_entry(tmp_path):
    encoder, other = Encoder(), Encoder(seed=1)
    first = cached(tmp_path, encoder)
    assert not torch.equal(cached(tmp_path, other), first)
    cached(tmp_path, encoder, config={"size": 5})
    cached(tmp_path, encoder, items=ITEMS + 1)
    cached(tmp_path, encoder, items=ITEMS[:9])
    assert len(list(tmp_path.iterdir())) == 5
    assert torch.equal(cached(tmp_path, encoder), first)


def test_the_fingerprint_sees_type_and_single_values():
    model = Encoder().model
    known = fingerprint(model, {}, ITEMS)
    assert fingerprint(model, {}, ITEMS.int()) != known
    assert fingerprint(torch.nn.Linear(3, 4).bfloat16(), {}, ITEMS) != known
    with torch.no_grad():
        model.bias[0] += 1e-6
    assert fingerprint(model, {}, ITEMS) != known


def test_a_broken_off_call_goes_on_after_its_finished_shards(tmp_path):
    encoder = Encoder()

    def fail_in_the_second_shard(batch):
        if encoder.rows > ROWS_PER_SHARD:
            raise KeyboardInterrupt
        return encoder(batch)

    with pytest.raises(KeyboardInterrupt):
        cached(tmp_path, encoder, encode=fail_in_the_second_shard)
    assert len(list(tmp_path.iterdir())) == 1
    again = Encoder()
    features = cached(tmp_path, again)
    assert again.rows == len(ITEMS) - ROWS_PER_SHARD
    assert torch.allclose(features, again.model(ITEMS).detach(), atol=1e-5)
    assert kept_file(tmp_path).exists()


KILLED = """
import time
from pathlib import Path
from test_feature_cache import Encoder, cached

encoder = Encoder()

def slowly(batch):
    time.sleep(0.02)
    return encoder(batch)

cached(Path({folder!r}), encoder, encode=slowly)
"""


def test_a_killed_writer_loses_no_finished_shard(tmp_path):
    script = KILLED.format(folder=str(tmp_path))
    process = subprocess.Popen([sys.executable, "-c", script], cwd=HERE, env=ENVIRONMENT)
    while not list(tmp_path.glob("numbers_*")) and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "killed too late to show anything"
    encoder = Encoder()
    features = cached(tmp_path, encoder)
    assert 0 < encoder.rows <= len(ITEMS) - ROWS_PER_SHARD
    assert torch.allclose(features, encoder.model(ITEMS).detach(), atol=1e-5)


def test_two_writers_of_the_same_features_do_not_disturb_each_other(tmp_path):
    encoders = [Encoder(), Encoder()]
    both_have_begun = threading.Barrier(2)

    def encode_with_the_other(encoder, batch):
        if encoder.rows == 0:
            both_have_begun.wait(timeout=30)
        return encoder(batch)

    def write(encoder):
        return cached(tmp_path, encoder, encode=partial(encode_with_the_other, encoder))

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(write, encoders)
    assert torch.equal(first, second) and len(first) == len(ITEMS)
    assert all(encoder.rows > 0 for encoder in encoders)
    assert kept_file(tmp_path).exists()


def truncated(content):
    return content[: len(content) // 2]


def one_bit_flipped(content):
    return content[:-3] + bytes([content[-3] ^ 1]) + content[-2:]


@pytest.mark.parametrize("damage", [truncated, one_bit_flipped, lambda content: b""])
def test_a_damaged_file_is_told_in_one_sentence_and_computed_again(tmp_path, damage):
    encoder = Encoder()
    features = cached(tmp_path, encoder)
    path = kept_file(tmp_path)
    expected = features.clone()
    path.write_bytes(damage(path.read_bytes()))
    with pytest.warns(UserWarning, match=rf"{path.name} is damaged; .* computed again\.$"):
        again = cached(tmp_path, encoder)
    assert torch.equal(again, expected)
    assert encoder.rows == 2 * len(ITEMS)


def test_unusable_input_is_refused(tmp_path):
    encoder = Encoder()
    with pytest.raises(SgimError, match="there are no numbers to encode"):
        cached(tmp_path, encoder, items=ITEMS[:0])
    with pytest.raises(SgimError, match="batch_size is 0"):
        cached(tmp_path, encoder, batch_size=0)
    with pytest.raises(SgimError, match=r"encode gave shape \(1, 4\) for 2 items"):
        cached(tmp_path, encoder, encode=lambda batch: encoder(batch)[:1])
    assert list(tmp_path.iterdir()) == []


def test_captions_and_pictures_of_a_training_are_embedded_once(tmp_path, monkeypatch):
    config = ClipConfig(
        vocab_size=WordTokenizer().vocab_size, image_size=32, image_width=8, text_width=16
    )
    torch.manual_seed(0)
    clip = build_clip(config).eval()
    shown = Renders(
        images=torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8),
        ws=torch.zeros(8, 10, 12),
        weathers=[{name: 0.5} for name in SOUND_NAMES],
        landscapes=[{}] * 8,
    )
    sounds = tmp_path / "sounds.npz"
    np.savez(
        sounds,
        log_mels=np.zeros((4, 64, 51), np.float16),
        classes=np.arange(4),
        intensities=np.full(4, 0.5, np.float32),
    )
    folder = tmp_path / "features"
    first = frozen_features([sounds], shown, clip, config, folder=folder, progress=False)
    assert {path.name.split("_")[0] for path in folder.iterdir()} == {"captions", "pictures"}
    for tower in ("encode_image", "encode_text"):
        monkeypatch.setattr(clip, tower, lambda *_, **__: pytest.fail("embedded again"))
    again = frozen_features([sounds], shown, clip, config, folder=folder, progress=False)
    assert torch.equal(first.text_features, again.text_features)
    assert torch.equal(first.image_features, again.image_features)
    assert again.text_features.shape == (4, CAPTIONS_PER_CLIP, config.embed_dim)
