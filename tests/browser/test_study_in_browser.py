"""The study's page in a real browser, by keyboard alone."""

import pytest
from study_makers import make_study

from sgim.commands import cli
from sgim.evaluation.study_answers import read_answers
from sgim.notebook.study_page import write_study_page


@pytest.fixture
def page(browser, tmp_path):
    """A tab with the study; whatever is asked from the network, or thrown, fails the test."""
    write_study_page(make_study(), tmp_path / "study.html")
    tab = browser.new_page()
    tab.set_default_timeout(60_000)
    wrong = []
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("request", lambda request: wrong.append(request.url) if _is_remote(request) else None)
    tab.goto((tmp_path / "study.html").as_uri())
    yield tab
    tab.close()
    assert not wrong


def _is_remote(request):
    return not request.url.startswith(("file:", "data:", "blob:"))


def hear(tab):
    """Wait for the sound; press the space bar where the browser does not begin by itself."""
    for _ in range(200):
        if tab.evaluate("heard"):
            return
        if "space bar" in tab.locator("#told").inner_text():
            tab.keyboard.press("Space")
        tab.wait_for_timeout(50)
    pytest.fail("the sound was not heard")


def test_a_rater_answers_by_keyboard_reloads_saves_and_is_analyzed(page, tmp_path, capsys):
    assert page.locator("#before").is_visible() and page.locator("#during").is_hidden()
    page.keyboard.press("Enter")
    for position in range(1, 11):
        assert page.locator("#place").inner_text() == f"Question {position} of 10"
        hear(page)
        page.keyboard.press(str(1 + position % 2))
        if position == 4:
            page.reload()
    page.wait_for_selector("#after:not([hidden])")
    page.reload()
    page.locator("#restart").click()
    assert "Save the answers first" in page.locator("#told").inner_text()
    with page.expect_download() as download:
        page.locator("#save").focus()
        page.keyboard.press("Enter")
    name = download.value.suggested_filename
    download.value.save_as(tmp_path / name)

    answers = read_answers([tmp_path / name])
    rater = answers[0].rater
    assert name == f"answers_{rater}.csv" and 1_000_000 <= rater <= 9_999_999
    study = make_study()
    for (question, left), one in zip(study.shown_to(rater), answers, strict=True):
        assert (one.study, one.question) == (study.name, question.name)
        assert (one.left, one.right) == (question.options[left], question.options[1 - left])
        assert one.chosen == (one.left, one.right)[one.position % 2]
        assert one.known == question.known and one.needed_right == study.needed_right
        assert 0 <= one.seconds < 60
    assert [one.position for one in answers] == list(range(1, 11))
    code = cli.main(["study", "analyze", str(tmp_path / name)])
    told = capsys.readouterr()
    right = sum(one.chosen == one.known for one in answers)
    if right >= study.needed_right:
        assert code == 0 and "1 rater is counted" in told.out
    else:
        assert code == 2 and "None of 1 raters passed" in told.err

    page.locator("#restart").click()
    assert page.locator("#before").is_visible()


def test_a_choice_waits_until_the_sound_was_heard(page):
    page.evaluate("HTMLMediaElement.prototype.play = () => undefined")
    page.keyboard.press("Enter")
    page.keyboard.press("1")
    assert "Hear the sound first" in page.locator("#told").inner_text()
    assert page.locator("#place").inner_text() == "Question 1 of 10"


def test_the_pictures_are_shown_on_the_sides_that_the_answers_name(page):
    page.keyboard.press("Enter")
    rater = page.evaluate("state.rater")
    question, left = make_study().shown_to(rater)[0]
    at = int(question.name[1:]) - 1
    shown = page.evaluate("[byId('left-picture').src, byId('right-picture').src]")
    kept = page.evaluate(f"questions[{at}].pictures.map((key) => media[key])")
    assert shown == [kept[left], kept[1 - left]]
    alt = page.evaluate("[...document.images].map((image) => image.alt)")
    assert alt == ["The scene before", "Left picture", "Right picture"]
