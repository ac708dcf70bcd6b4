"""Encoders of others: asked by sounds and words where they are here, refused in one sentence."""

import sys
import types

import pytest
import torch

from sgim.checks import SgimError
from sgim.evaluation import rivals
from sgim.evaluation.embedders import load_embedder


class Clap(torch.nn.Module):
    """Stands for transformers' model: a sound is its mean, a sentence its length."""

    logit_scale_a = torch.zeros(())

    @classmethod
    def from_pretrained(cls, name, *, local_files_only):
        """Nothing may be fetched."""
        assert local_files_only and name == rivals.CLAP_MODEL
        return cls()

    def __call__(self, given, *, sampling_rate=None, padding=None, return_tensors=None):
        """As front end and as tokenizer."""
        assert sampling_rate in (None, 48_000)
        return {"given": given}

    def get_audio_features(self, given):
        """Two numbers of a waveform."""
        return torch.tensor([[3.0, 4.0]]) + given.mean() * 0

    def get_text_features(self, given):
        """Wrapped, as newer versions do."""
        rows = torch.tensor([[float(len(text)), 0.0] for text in given])
        return types.SimpleNamespace(pooler_output=rows)


def test_clap_embeds_sounds_and_words_with_unit_length(monkeypatch):
    names = ("ClapModel", "ClapFeatureExtractor", "AutoTokenizer")
    fake = types.SimpleNamespace(**dict.fromkeys(names, Clap))
    monkeypatch.setitem(sys.modules, "transformers", fake)
    clap = load_embedder("laion-clap")
    assert clap.sample_rate == 48_000 and clap.heard is None
    assert clap.embed(torch.ones(100), 48_000).tolist() == [
        [pytest.approx(0.6), pytest.approx(0.8)]
    ]
    assert clap.bundle.encode_text(["rain", "wind howls"]).tolist() == [[1, 0], [1, 0]]
    with pytest.raises(SgimError, match="this encoder hears 48000"):
        clap.embed(torch.ones(100), 16_000)


def test_what_is_not_installed_or_not_here_is_told_in_one_sentence(monkeypatch, tmp_path):
    for name, package in (("laion-clap", "transformers"), ("wav2clip", "wav2clip")):
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(SgimError, match=f"{package} is not installed; .* leave {name} out"):
            load_embedder(name)

    def missing(name, *, local_files_only):
        raise OSError("no such file")

    model = types.SimpleNamespace(from_pretrained=missing)
    fake = types.SimpleNamespace(ClapModel=model, ClapFeatureExtractor=model, AutoTokenizer=model)
    monkeypatch.setitem(sys.modules, "transformers", fake)
    with pytest.raises(SgimError, match="files of laion/clap-htsat-unfused are not here"):
        load_embedder("laion-clap")
    monkeypatch.setitem(sys.modules, "wav2clip", types.SimpleNamespace())
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    with pytest.raises(SgimError, match="Wav2CLIP.pt is not in the folder of torch.hub"):
        load_embedder("wav2clip")


def test_wav2clip_without_clip_is_probed_and_not_asked_by_words(monkeypatch, tmp_path):
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints/Wav2CLIP.pt").write_bytes(b"")
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(rivals, "is_here", lambda name: False)
    fake = types.SimpleNamespace(
        get_model=torch.nn.Identity, embed_audio=lambda sound, model: [[0.0, float(len(sound))]]
    )
    monkeypatch.setitem(sys.modules, "wav2clip", fake)
    ear = load_embedder("wav2clip")
    assert ear.bundle is None and ear.embed(torch.ones(9), 16_000).tolist() == [[0, 1]]
