"""What `evaluate` measures on: recordings that can be heard, some of them held out."""

from pathlib import Path

import pytest
from tones import tone

from sgim.checks import SgimError
from sgim.embedding.recordings import Recording
from sgim.evaluation import measurements

LONG_WORK = (
    *("load_bundle", "load_judge", "scene_zero_shot", "scene_retrieval", "sound_zero_shot"),
    *("heard_strength", "edited_strength", "compare_settings", "score_projections"),
    *("_as_json", "_measure_edits", "edited_mixtures", "unasked_costs"),
)


@pytest.fixture
def measured(monkeypatch):
    """The names of the recordings that `evaluate` measures; all other work is left out."""
    for name in LONG_WORK:
        monkeypatch.setattr(measurements, name, lambda *arguments, **options: None)
    monkeypatch.setattr(
        measurements,
        "_measure_recordings",
        lambda bundle, judge, recordings, progress: [item.path.name for item in recordings],
    )

    def names(recordings):
        return measurements.evaluate(recordings=recordings, progress=False).get("recordings")

    return names


def of_rain(path: Path, held_out: bool = True) -> Recording:
    return Recording(
        path, "rain", "rain", path.stem, held_out, "somebody", "CC0", "somebody/sounds"
    )


def test_recordings_that_cannot_be_heard_are_not_measured_and_told(measured, tmp_path):
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"RIFF, but no more")
    recordings = [of_rain(bad), of_rain(tone(tmp_path / "good.wav"))]
    with pytest.warns(UserWarning, match="a recording is passed over: .*bad.wav"):
        assert measured(recordings) == ["good.wav"]
    with pytest.warns(UserWarning), pytest.raises(SgimError, match="none of the recordings can be"):
        measured(recordings[:1])
    assert measured([]) is None


def test_recordings_of_which_none_is_held_out_are_refused(measured, tmp_path):
    learned = of_rain(tone(tmp_path / "learned.wav"), held_out=False)
    with pytest.raises(SgimError, match="none of the recordings is .* held out"):
        measured([learned])
    held_out = of_rain(tone(tmp_path / "held_out.wav"))
    assert measured([learned, held_out]) == ["learned.wav", "held_out.wav"]
