"""A real browser: Chromium driven by Playwright; one browser per file, a new context per test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find_chromium() -> str | None:
    """Where Chromium is: named by CHROMIUM, on the path, or where macOS keeps it."""
    named = os.environ.get("CHROMIUM")
    found = [shutil.which(name) for name in ((named,) if named else ()) + NAMES]
    return next((path for path in (*found, *MAC) if path and Path(path).exists()), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium; without one the test is skipped with a message."""
    path = find_chromium()
    if path is None:
        pytest.skip(
            "no Chromium found: install it (Debian: apt install chromium fonts-noto-cjk) or name it in CHROMIUM"
        )
    return path


# Playwright keeps an event loop running in its thread, in which nothing else can run one: it ends with the file.
@pytest.fixture(scope="module")
def browser(chromium: str) -> "Iterator[Browser]":
    """A running browser without a window."""
    from playwright.sync_api import sync_playwright

    # As root Chromium has no sandbox; small containers have little shared memory.
    flags = [
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, headless=True, args=flags)
        yield running
        running.close()


@pytest.fixture
def context(browser: "Browser") -> "Iterator[BrowserContext]":
    """A private browser profile: no cookies, English, a usual screen size."""
    fresh = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}, service_workers="block")
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: "BrowserContext") -> "Page":
    """A page that gives up on an expectation after ten seconds."""
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    return opened
