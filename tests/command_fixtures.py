"""What the tests of several commands share: sounds, and the mini bundle, small and loaded once."""

import dataclasses

import numpy as np
import pytest
import soundfile

from sgim import bundle
from sgim.models.generators import load_generator
from sgim.notebook import demo
from sgim.world.scenes import SceneGenerator
from sgim.world.sounds import synthesize_sound


@pytest.fixture(scope="session")
def mini():
    """The mini bundle with pictures of 64 pixels."""
    return dataclasses.replace(bundle.load_bundle("mini", "cpu"), generator=SceneGenerator(64))


class Loaded(list):
    """Names and devices of the bundles that commands load; `bundle` is what they get."""

    def load(self, name: str, device: str | None = None, *, generator: str | None = None):
        self.append((name, device))
        if generator is None:
            return self.bundle
        return dataclasses.replace(self.bundle, generator=load_generator(generator, "cpu"))


@pytest.fixture
def loaded(monkeypatch, mini):
    """Commands get the small mini bundle, whatever they load."""
    loaded = Loaded()
    loaded.bundle = mini
    for module in (bundle, demo):
        monkeypatch.setattr(module, "load_bundle", loaded.load)
    return loaded


@pytest.fixture(scope="session")
def sounds(tmp_path_factory):
    """Files fire.wav (5 s), rain.ogg (30 s, stereo, 44.1 kHz), words.wav and cut.wav (both bad)."""
    folder = tmp_path_factory.mktemp("sounds")
    waveform, sample_rate = synthesize_sound("fire", 0.8, 5.0, 1)
    soundfile.write(folder / "fire.wav", waveform.numpy(), sample_rate)
    waveform, _ = synthesize_sound("rain", 0.8, 80.0, 1)
    soundfile.write(folder / "rain.ogg", np.stack([waveform, waveform], axis=1), 44_100)
    (folder / "words.wav").write_text("only words\n" * 50)
    (folder / "cut.wav").write_bytes((folder / "fire.wav").read_bytes()[:9_000])
    return folder
