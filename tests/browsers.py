"""Finds the Chromium that tests drive."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_PLAYWRIGHT = "Playwright is not installed: make test-browser installs it"
NO_CHROMIUM = "no Chromium is installed (Debian: apt install chromium)"


def find_chromium() -> str | None:
    """The browser that PLAYWRIGHT_CHROMIUM names, or one of those that are installed."""
    found = (shutil.which(name) for name in NAMES)
    return os.environ.get("PLAYWRIGHT_CHROMIUM") or next(filter(None, found), None)
