"""The Studio in a tab, as a person uses it."""

import re

from lab_page import LabPage


class Driver:
    """The Studio as a person uses it."""

    def __init__(self, page: LabPage):
        self.page, self.tab = page, page.tab
        self.panel = page.tab.locator(".sgim-studio")

    def press(self, name: str) -> None:
        """Click a button; its icon is a part of its name."""
        self.panel.get_by_role("button", name=re.compile(rf"\b{name}$")).click()

    def wait_until_it_says(self, words: str) -> str:
        status = self.panel.locator('[role="status"]', has_text=words).first
        status.wait_for()
        return status.text_content()

    def set_number(self, slider: str, number: int) -> None:
        """Write a number beside a slider."""
        label = re.compile(rf"^{slider}$")
        row = self.panel.locator(".widget-hslider", has=self.tab.get_by_text(label))
        readout = row.locator(".widget-readout")
        readout.fill(str(number))
        readout.press("Enter")

    def move(self, slider: str, key: str) -> str:
        """Press a key on a slider's handle; its new value."""
        label = re.compile(rf"^{slider}$")
        row = self.panel.locator(".widget-hslider", has=self.tab.get_by_text(label))
        row.locator(".noUi-handle").press(key)
        return row.locator(".widget-readout").text_content()

    def upload(self, button: str, path) -> None:
        with self.tab.expect_file_chooser() as chooser:
            self.panel.get_by_role("button", name=re.compile(button)).click()
        chooser.value.set_files(path)

    def chosen(self, label: str) -> str:
        """What a list of choices stands at."""
        choices = self.panel.get_by_label(label, exact=True)
        return choices.evaluate("one => one.selectedOptions[0].text").replace("\xa0", " ")

    def picture(self) -> str:
        """Address of the edit that is shown."""
        return self.panel.locator(".sgim-frame img").nth(1).get_attribute("src")
