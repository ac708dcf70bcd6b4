"""Finds the Chromium that tests drive; as a program it fails, with a sentence, where none is."""

import os
import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_PLAYWRIGHT = "Playwright is not installed: make test-browser installs it"
NO_CHROMIUM = "no Chromium is installed (Debian: apt install chromium)"


def find_chromium() -> str | None:
    """The browser that PLAYWRIGHT_CHROMIUM names, or one of those that are installed."""
    found = (shutil.which(name) for name in NAMES)
    return os.environ.get("PLAYWRIGHT_CHROMIUM") or next(filter(None, found), None)


if __name__ == "__main__" and find_chromium() is None:
    sys.exit(f"Browser tests are skipped: {NO_CHROMIUM}.")
