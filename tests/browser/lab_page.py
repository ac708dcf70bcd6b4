"""A JupyterLab of its own, and a tab in it that is used as a person uses it.

folder of notebooks -> server, Chromium -> `LabPage`: run all, complaints, screenshots
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsers import NO_CHROMIUM, NO_PLAYWRIGHT, find_chromium
from places import ROOT

SCREENSHOTS = ROOT / "build" / "screenshots"
HOST = "127.0.0.1"
PATIENCE = 1000 * 180
"""Milliseconds for what is quick, on a busy machine too; a wait ends when its thing is there."""

WIDTHS = {"full": 1500, "half": 900}
HEIGHT, TALL = 1000, 2400
"""Of the window, in pixels; tall for screenshots."""

ROLES = ("slider", "combobox", "listbox", "textbox", "spinbutton", "checkbox", "radio", "button")
ROLES += ("img", "group")
FOCUSED = """() => {
  const one = document.activeElement;
  const label = one.labels?.[0]?.textContent;
  const words = one.tagName === "BUTTON" && one.textContent;
  const names = [one.getAttribute("aria-label"), label, words, one.title, one.tagName];
  return one.closest(".jp-OutputArea-output") && names.find(Boolean);
}"""
MOST_STOPS = 80
TWO_FRAMES = "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"

LONGEST_RUN = 1000 * 1800
IMPATIENT = "[anywidget] Failed to initialize model."
"""What anywidget says where a panel took more than 2 s, as on a busy machine; it is shown later."""

WRONG_OUTPUTS = (
    '[data-mime-type="application/vnd.jupyter.error"], '
    '[data-mime-type="application/vnd.jupyter.stderr"]'
)
KERNEL_IS_READY = """async (notebook) => {
  const sessions = await (await fetch("/api/sessions")).json();
  return sessions.some(({ path, kernel }) =>
    path === notebook && kernel.connections > 0 && kernel.execution_state === "idle");
}"""
ALL_CELLS_RAN = """() => {
  const prompts = [...document.querySelectorAll(".jp-CodeCell .jp-InputArea-prompt")];
  const kernel = document.querySelector(".jp-Notebook-ExecutionIndicator");
  return kernel.dataset.status === "idle" && prompts.length > 0
    && prompts.every((prompt) => /\\d/.test(prompt.textContent));
}"""


@contextlib.contextmanager
def chromium(sound: Path) -> Iterator:
    """A browser; what `sound`, a wav file, holds comes from its microphone.

    Where there is none, or no Playwright, the test is skipped.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT)
    path = find_chromium()
    if path is None:
        pytest.skip(NO_CHROMIUM)
    flags = ["--no-sandbox", "--use-fake-device-for-media-stream"]
    flags += ["--use-fake-ui-for-media-stream", f"--use-file-for-fake-audio-capture={sound}"]
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=flags, timeout=PATIENCE)
        yield browser
        browser.close()


@contextlib.contextmanager
def running_lab(folder: Path, scratch: Path, application: str = "jupyterlab") -> Iterator[str]:
    """Serve the notebooks of `folder`; yields the address. Settings and log go to `scratch`."""
    settings = scratch / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "JUPYTERLAB_SETTINGS_DIR": str(scratch / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(scratch / "workspaces"),
        "SGIM_SOURCE": str(ROOT),
        "SGIM_DATA": str(ROOT / "data"),
    }
    command = [sys.executable, "-m", application, "--allow-root", "--no-browser"]
    options = [f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token="]
    with open(scratch / "lab.log", "w") as log:
        server = subprocess.Popen(
            [*command, *options, "--notebook-dir", str(folder)],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://{HOST}:{port}"
            _wait_for(address, server, scratch / "lab.log")
            yield address
        finally:
            server.terminate()
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(1200):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/api", timeout=5).close()
            return
        assert server.poll() is None, log.read_text()
        time.sleep(0.5)
    pytest.fail(f"JupyterLab does not answer: {log.read_text()[-2000:]}")


def in_lab(address: str, notebook: str) -> str:
    """Where JupyterLab shows a notebook; each has a workspace of its own, so no other opens too."""
    return f"{address}/lab/workspaces/{Path(notebook).stem}/tree/{notebook}"


class LabPage:
    """A notebook in a tab; `complaints` gathers errors of the page's console."""

    def __init__(self, browser, address: str):
        self.tab = browser.new_page(viewport={"width": WIDTHS["full"], "height": HEIGHT})
        self.tab.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.tab.on("pageerror", lambda error: self._complain(str(error)))
        self.tab.on("console", self._listen)
        self.tab.goto(address)
        self.tab.wait_for_selector(".jp-Notebook")
        self.tab.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
        self.tab.wait_for_function(KERNEL_IS_READY, arg=Path(address).name, polling=300)

    def _complain(self, words: str) -> None:
        if IMPATIENT not in words:
            self.complaints.append(words)

    def _listen(self, message) -> None:
        if message.type == "error":
            self._complain(f"{message.text} ({message.location['url']})")

    def choose(self, *path: str) -> None:
        """Click through the menus; an entry that opens another menu has no role of its own."""
        self.tab.get_by_role("menuitem", name=path[0], exact=True).click()
        for words in path[1:]:
            self.tab.locator(".lm-Menu-itemLabel").get_by_text(words, exact=True).click()

    def run_all(self) -> None:
        """Choose Run All Cells, without what the file holds of an earlier run, and wait."""
        self.choose("Edit", "Clear Outputs of All Cells")
        self.choose("Run", "Run All Cells")
        self.tab.wait_for_function(ALL_CELLS_RAN, timeout=LONGEST_RUN, polling=500)

    def close(self) -> None:
        """End the kernel and close the tab."""
        self.choose("Kernel", "Shut Down Kernel")
        self.tab.locator(".jp-Toolbar-kernelName", has_text="No Kernel").wait_for()
        self.tab.close()

    def wrong_outputs(self) -> list[str]:
        """What cells wrote to stderr or broke off with."""
        texts = self.tab.evaluate(
            f"() => [...document.querySelectorAll('{WRONG_OUTPUTS}')].map(e => e.textContent)"
        )
        return [text[:600] for text in texts]

    def unnamed_controls(self) -> list[str]:
        """What a screen reader finds in the outputs and has no name for."""
        panels = self.tab.locator(".jp-OutputArea-output")
        return [
            f"{role}: {one.evaluate('it => it.outerHTML.slice(0, 200)')}"
            for role in ROLES
            for one in panels.get_by_role(role).all()
            if not panels.get_by_role(role, name=re.compile(r"\w")).and_(one).count()
        ] + panels.locator("audio:not([title]):not([aria-label]):visible").all()

    def walk(self, first) -> list[str]:
        """Press Tab from a control on; the name of each stop, until the output is left."""
        first.focus()
        stops = []
        while len(stops) < MOST_STOPS and (name := self.tab.evaluate(FOCUSED)) is not None:
            stops.append(name)
            self.tab.keyboard.press("Tab")
        return stops

    def screenshots(self, name: str) -> None:
        """The page from top to bottom, in pieces: light and dark, at full and at half width."""
        for theme in ("Light", "Dark"):
            self.choose("Settings", "Theme", f"JupyterLab {theme}")
            is_light = str(theme == "Light").lower()
            self.tab.locator(f'body[data-jp-theme-light="{is_light}"]').wait_for(state="attached")
            for width, pixels in WIDTHS.items():
                self.tab.set_viewport_size({"width": pixels, "height": TALL})
                self._photograph(f"{name}_{theme.lower()}_{width}")
        self.tab.set_viewport_size({"width": WIDTHS["full"], "height": HEIGHT})

    def _photograph(self, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        panel = "document.querySelector('.jp-WindowedPanel-outer')"
        self.tab.evaluate(f"{panel}.scrollTop = 0")
        moved, number = 1, 0
        while moved > 0:
            self.tab.evaluate(TWO_FRAMES)
            self.tab.screenshot(path=SCREENSHOTS / f"{name}_{number:02d}.png")
            moved = self.tab.evaluate(
                f"() => {{ const p = {panel}, was = p.scrollTop; p.scrollBy(0, {TALL - 150});"
                " return p.scrollTop - was }"
            )
            number += 1
