"""Live mode of the Studio: the newest second counts, Stop is heard, nothing waits in a queue."""

import dataclasses
import threading
import time

import numpy as np
import pytest
import torch
from test_studio_photos import with_photo

from sgim.checks import SgimError
from sgim.notebook import recorder, studio_live
from sgim.notebook.recorder import MicrophoneRecorder, NewestPiece
from sgim.notebook.studio import Studio
from sgim.notebook.studio_sound import NO_SOUND
from sgim.world.sounds import synthesize_sound

RATE = 16_000
PATIENCE = 60


@pytest.fixture
def studio(mini):
    studio = Studio(mini)
    yield studio
    studio.close()
    studio.wait(PATIENCE)


def rain(seconds):
    return synthesize_sound("rain", 0.8, seconds, 3)[0]


def send(widget, piece, rate=RATE):
    """What the page does each second."""
    samples = (32767 * piece.clamp(-1, 1)).numpy().astype("<i2")
    widget._handle_custom_msg({"sample_rate": rate}, [memoryview(samples.tobytes())])


def press_live(studio):
    studio.sounds.recorder.set_state({"live": True})


def wait_until(true):
    for _ in range(100 * PATIENCE):
        if true():
            return
        time.sleep(0.01)
    pytest.fail("it does not come")


def test_of_pieces_that_nobody_takes_the_newest_counts():
    newest = NewestPiece()
    for number in range(5):
        newest.put(torch.tensor([number]))
    pieces = newest.until(lambda: False)
    assert next(pieces).item() == 4 and newest.dropped == 4
    newest.put(torch.tensor([7]))
    assert next(pieces).item() == 7 and newest.dropped == 4
    assert not newest.comes_within(0.01)


def test_waiting_for_a_piece_ends_when_asked_to_or_when_the_page_is_gone(monkeypatch):
    newest, asked = NewestPiece(), threading.Event()
    threading.Timer(0.3, asked.set).start()
    assert list(newest.until(asked.is_set)) == []
    monkeypatch.setattr(recorder, "LONGEST_WAIT", 0.3)
    with pytest.raises(SgimError, match="no sound comes from the page any more; press live"):
        list(newest.until(lambda: False))


def test_a_second_of_the_microphone_comes_at_the_bundle_s_rate():
    widget = MicrophoneRecorder(sample_rate=RATE, live=True)
    tone = torch.sin(2 * torch.pi * 440 * torch.arange(48_000) / 48_000)
    send(widget, 0.5 * tone, 48_000)
    piece = next(widget.pieces.until(lambda: False))
    assert len(piece) == RATE and piece.abs().max().item() == pytest.approx(0.5, abs=0.02)
    widget.live = False
    send(widget, tone, 48_000)
    assert not widget.pieces.comes_within(0.01)


def test_the_picture_follows_the_microphone_until_stop(studio):
    press_live(studio)
    assert not studio.stop.disabled and studio.run.disabled
    for second in rain(3.0).split(RATE):
        before = studio.view.wipe.after
        send(studio.sounds.recorder, second)
        wait_until(lambda before=before: studio.view.wipe.after != before)
    assert "Live: Sounds like" in studio.status.value and "rain" in studio.status.value
    studio.stop.click()
    studio.wait(PATIENCE)
    assert not studio.sounds.recorder.live and studio.stop.disabled
    assert "Live mode has ended" in studio.status.value
    weathers = studio.view._now.weathers
    assert max(weathers, key=weathers.get) == "rain"


def test_live_ends_when_the_page_ends_it_and_can_begin_anew(studio):
    for _ in range(2):
        press_live(studio)
        studio.sounds.recorder.set_state({"live": False})
        studio.wait(PATIENCE)
        assert studio.stop.disabled and "Live mode has ended" in studio.status.value


def test_when_computing_is_slower_than_the_sound_seconds_are_dropped_and_it_is_told(
    studio, monkeypatch
):
    begun, gate, heard, hear = (
        threading.Event(),
        threading.Event(),
        [],
        studio_live.LivePicture.hear,
    )

    def slowly(live, piece):
        begun.set()
        assert gate.wait(PATIENCE)
        heard.append(piece)
        return hear(live, piece)

    monkeypatch.setattr(studio_live.LivePicture, "hear", slowly)
    press_live(studio)
    send(studio.sounds.recorder, rain(1.0))
    assert begun.wait(PATIENCE)
    for level in (0.1, 0.2, 0.3, 0.4):
        started = time.perf_counter()
        send(studio.sounds.recorder, torch.full((RATE,), level))
        assert time.perf_counter() - started < 0.5
    gate.set()
    wait_until(lambda: "3 of 5 s were dropped" in studio.status.value)
    studio.stop.click()
    studio.wait(PATIENCE)
    assert len(heard) == 2 and heard[1].mean().item() == pytest.approx(0.4, abs=0.01)


def test_live_waits_for_no_edit_and_an_edit_not_for_it(studio, monkeypatch):
    gate = threading.Event()
    monkeypatch.setattr(studio, "_edit", lambda job, order: gate.wait(PATIENCE))
    studio.start()
    press_live(studio)
    assert not studio.sounds.recorder.live
    assert "press live again when it has ended" in studio.status.value
    with pytest.raises(SgimError, match="something runs; stop it or wait"):
        studio.listen(rain(1.0), RATE)
    gate.set()
    studio.wait(PATIENCE)


def test_a_page_that_goes_away_is_told_in_one_sentence(studio, monkeypatch):
    monkeypatch.setattr(recorder, "LONGEST_WAIT", 0.3)
    press_live(studio)
    studio.wait(PATIENCE)
    assert "no sound comes from the page any more" in studio.status.value
    assert not studio.sounds.recorder.live and studio.stop.disabled


def test_a_recording_is_followed_as_the_microphone_is(studio):
    moments = studio.listen(torch.cat([torch.zeros(RATE), rain(3.0)]), RATE)
    assert [len(moment.images) for moment in moments] == [4, 4, 4, 4]
    weathers = studio.view.true_weathers(moments[-1].ws[-1:])
    assert max(weathers, key=weathers.get) == "rain"
    assert moments[0].in_words() == "Nothing sounds."
    assert torch.equal(moments[0].ws[0], studio.scene.origin.ws[0])
    assert "Live mode has ended" in studio.status.value and studio.stop.disabled


def test_a_photo_follows_a_recording(studio):
    studio.sounds.sound.value = NO_SOUND
    with_photo(studio)
    *_, last = studio.listen((rain(3.0), RATE))
    assert last.images.shape[2:] == studio.scene.origin.images().shape[2:]
    assert np.abs((last.images[-1] - studio.scene.origin.images()[0]).numpy()).mean() > 0.01


def test_without_a_mapper_there_is_no_button_and_a_recording_is_refused(mini):
    studio = Studio(dataclasses.replace(mini, mapper=None))
    assert not studio.sounds.recorder.offers_live
    with pytest.raises(SgimError, match="the bundle has no mapper"):
        studio.listen(rain(1.0), RATE)


def test_the_page_tells_where_there_is_no_microphone_to_follow():
    script = MicrophoneRecorder._esm
    assert "listen(goLive)" in script and "upload a sound file instead" in script
