"""A JupyterLab of its own, and a tab in it that is used as a person uses it.

folder of notebooks, theme -> server, Chromium -> `LabPage`: run all, errors, screenshots
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import ROOT

playwright = pytest.importorskip(
    "playwright.sync_api", reason="needs Playwright: make test-browser"
)

SCREENSHOTS = ROOT / "build" / "screenshots"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
HOST = "127.0.0.1"
LONGEST_RUN = 600
WRONG_OUTPUTS = (
    '.jp-RenderedText[data-mime-type="application/vnd.jupyter.error"], '
    '.jp-RenderedText[data-mime-type="application/vnd.jupyter.stderr"]'
)


@contextlib.contextmanager
def running_lab(folder: Path, scratch: Path, theme: str = "light") -> Iterator[str]:
    """Serve the notebooks of `folder`; yields the address. Settings and log go to `scratch`."""
    settings = scratch / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    for name, values in {
        "themes": {"theme": THEMES[theme]},
        "notification": {"fetchNews": "false", "checkForUpdates": False},
    }.items():
        (settings / f"{name}.jupyterlab-settings").write_text(json.dumps(values))
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "JUPYTERLAB_SETTINGS_DIR": str(scratch / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(scratch / "workspaces"),
        "SGIM_SOURCE": str(ROOT),
        "SGIM_DATA": str(ROOT / "data"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser"]
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
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(120):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/api", timeout=5).close()
            return
        assert server.poll() is None, log.read_text()
        time.sleep(1)
    pytest.fail(f"JupyterLab does not answer: {log.read_text()[-2000:]}")


@contextlib.contextmanager
def chromium(sound: Path | None = None) -> Iterator:
    """A browser; what `sound`, a wav file, holds comes from its microphone."""
    flags = ["--no-sandbox"]
    if sound is not None:
        flags += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
        flags += [f"--use-file-for-fake-audio-capture={sound}"]
    with playwright.sync_playwright() as started:
        try:
            browser = started.chromium.launch(
                executable_path=os.environ.get("PLAYWRIGHT_CHROMIUM") or None, args=flags
            )
        except playwright.Error as error:
            pytest.skip(f"no Chromium: {str(error).splitlines()[0]}")
        try:
            yield browser
        finally:
            browser.close()


class LabPage:
    """A notebook in a tab of JupyterLab; `console_errors` gathers what the page complains of."""

    def __init__(self, browser, address: str, notebook: str):
        self.tab = browser.new_page(viewport={"width": 1500, "height": 1000})
        self.console_errors: list[str] = []
        self.tab.on("pageerror", lambda error: self.console_errors.append(str(error)))
        self.tab.goto(f"{address}/lab/tree/{notebook}", timeout=120_000)
        self.tab.wait_for_selector(".jp-Notebook", timeout=120_000)
        self.tab.get_by_text("| Idle").wait_for(timeout=120_000)

    def run_all(self) -> None:
        """Choose Run All Cells and wait until the kernel has done them."""
        self.tab.get_by_role("menuitem", name="Run", exact=True).click()
        self.tab.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.tab.wait_for_timeout(3000)
        self.tab.wait_for_function(
            """() => document.querySelector('.jp-Notebook-ExecutionIndicator').dataset.status ===
            'idle' && [...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')].every(
            prompt => /\\d/.test(prompt.textContent))""",
            timeout=1000 * LONGEST_RUN,
            polling=1000,
        )

    def wrong_outputs(self) -> list[str]:
        """What cells wrote to stderr or broke off with; all cells are looked at."""
        texts = self.tab.evaluate(
            f"() => [...document.querySelectorAll('{WRONG_OUTPUTS}')].map(e => e.textContent)"
        )
        return [text[:600] for text in texts]

    def screenshots(self, name: str, most: int = 12) -> None:
        """The page from top to bottom, in pieces of its height."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        panel = "document.querySelector('.jp-WindowedPanel-outer')"
        self.tab.evaluate(f"{panel}.scrollTop = 0")
        for number in range(most):
            self.tab.wait_for_timeout(800)
            self.tab.screenshot(path=SCREENSHOTS / f"{name}_{number:02d}.png")
            moved = self.tab.evaluate(
                f"() => {{ const p = {panel}, was = p.scrollTop; p.scrollBy(0, 850);"
                " return p.scrollTop - was }"
            )
            if moved < 1:
                break
