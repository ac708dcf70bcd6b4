"""The study as one file: nothing from elsewhere, nothing that tells a rater which is which."""

import base64
import json
import re

import pytest
from study_makers import METHODS, SCENES, SOUNDS, make_study

from sgim.evaluation.human_study import OTHER_SOUND, UNEDITED
from sgim.evaluation.study_answers import COLUMNS
from sgim.notebook.inline_media import encode_png
from sgim.notebook.study_page import study_page, write_study_page


@pytest.fixture(scope="module")
def page():
    return study_page(make_study(title="<Weather> & sounds"))


def setting_of(page):
    text = re.search(r'id="setting">"([^"]+)"', page)[1]
    return json.loads(base64.b64decode(text))


def media_of(page):
    return json.loads(re.search(r'id="media">(.+?)</script>', page)[1])


def test_the_page_loads_and_sends_nothing(page):
    assert not re.findall(r"https?://|\bfetch\(|XMLHttpRequest|sendBeacon|import\(", page)
    assert re.findall(r'(?:src|href)="([^"]*)"', page) == ["data:,"]
    assert "default-src 'none'" in page
    assert all(uri.startswith("data:") for uri in media_of(page).values())


def test_the_page_holds_the_pictures_of_every_question(page):
    media = media_of(page)
    study = make_study(title="<Weather> & sounds")
    for question, kept in zip(study.questions, setting_of(page)["questions"], strict=True):
        for picture, key in zip(question.pictures, kept["pictures"], strict=True):
            content = base64.b64decode(media[key].removeprefix("data:image/png;base64,"))
            assert content == encode_png(picture[None])
        assert kept["options"] == list(question.options)
        assert kept["cells"]["known"] == question.known
        assert media[kept["sound"]].startswith("data:audio/wav;base64,")
    assert len(set(media.values())) == len(media)
    assert len([uri for uri in media.values() if "audio" in uri]) == len(SOUNDS)


def test_the_columns_are_those_of_the_files(page):
    setting = setting_of(page)
    cells = {*setting["cells"], *setting["questions"][0]["cells"]}
    asked = {"rater", "position", "left", "right", "chosen", "seconds"}
    assert tuple(setting["columns"]) == COLUMNS and cells | asked == set(COLUMNS)


def test_no_name_can_be_read_in_the_page(page):
    told = re.sub(r'(?:base64,|id="setting">")[^"]+', "", page)
    told = re.sub(r"<style>.*</style>", "", told, flags=re.DOTALL)
    for name in (*METHODS, *SCENES, *SOUNDS, UNEDITED, OTHER_SOUND):
        assert not re.search(rf"\b{name}\b", told), name


def test_words_of_the_study_are_shown_as_they_are(page):
    assert "<title>&lt;Weather&gt; &amp; sounds</title>" in page


def test_a_page_is_written_whole(tmp_path, page):
    write_study_page(make_study(title="<Weather> & sounds"), tmp_path / "study.html")
    assert (tmp_path / "study.html").read_text(encoding="utf-8") == page
