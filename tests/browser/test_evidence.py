"""Evidence in a browser: progress, a lost connection, going on after the page was closed, cancelling."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Program, SignIn, keep_picture
from tests.browser.test_access import faults

PART = 4 << 20


@pytest.fixture(autouse=True)
def patience() -> None:
    """Give a loaded machine time."""
    expect.set_options(timeout=20_000)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "disk.img"
    path.write_bytes(os.urandom(3 * PART + 10))
    return path


def opened(program: Program, sign_in: SignIn) -> Page:
    number = program.made("/incidents", {"title": "Phishing", "departments": ["NOC"]})["number"]
    page = sign_in("coordinator")
    page.goto(f"{program.url}/incidents/{number}")
    return page


def choose(page: Page, path: Path) -> None:
    page.get_by_label("Add files").set_input_files(path)
    page.get_by_role("button", name="Upload", exact=True).click()


def test_a_file_is_sent_with_progress_and_said_to_be_there_the_second_time(
    program: Program, sign_in: SignIn, image: Path
) -> None:
    page = opened(program, sign_in)
    choose(page, image)
    expect(page.locator("#file-list")).to_contain_text("disk.img")
    keep_picture(page, "evidence")
    assert faults(page) == []
    choose(page, image)
    expect(page.locator("#upload-list")).to_contain_text("This incident has this file already. It is kept once.")
    with page.expect_download() as download:
        page.locator("#file-list").get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "disk.img"
    assert Path(download.value.path()).read_bytes() == image.read_bytes()


def test_an_upload_goes_on_by_itself_after_the_connection_was_lost(
    program: Program, sign_in: SignIn, image: Path
) -> None:
    page = opened(program, sign_in)
    sent = []

    def lose(route: Route) -> None:
        sent.append(route.request.headers["upload-offset"])
        if len(sent) == 2:
            route.abort()
        else:
            route.continue_()

    page.route("**/evidence/*/content", lose)
    choose(page, image)
    expect(page.locator("#upload-list")).to_contain_text("No connection. It goes on by itself.")
    expect(page.locator("#file-list")).to_contain_text("disk.img")
    assert sent == [str(at * PART) for at in (0, 1, 1, 2, 3)]


def test_an_upload_goes_on_after_the_page_was_closed(program: Program, sign_in: SignIn, image: Path) -> None:
    page = opened(program, sign_in)
    page.route("**/evidence/*/content", _first)
    choose(page, image)
    expect(page.locator("#upload-list")).to_contain_text("No connection.")
    page.unroute("**/evidence/*/content")
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/js/evidence.js*", lambda route: route.continue_())
    page.close(run_before_unload=False)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#unfinished")).to_contain_text("Choose the same file again to go on.")
    sent: list[str] = []
    other.on("request", lambda one: sent.append(one.headers.get("upload-offset", "")))
    choose(other, image)
    expect(other.locator("#file-list")).to_contain_text("disk.img")
    assert [one for one in sent if one] == [str(at * PART) for at in (1, 2, 3)]


def _first(route: Route) -> None:
    if route.request.headers["upload-offset"] == "0":
        route.continue_()
    else:
        route.abort()


def test_an_upload_is_cancelled(program: Program, sign_in: SignIn, image: Path) -> None:
    page = opened(program, sign_in)
    page.route("**/evidence/*/content", _first)
    choose(page, image)
    expect(page.locator("#upload-list")).to_contain_text("No connection.")
    page.locator("#upload-list").get_by_role("button", name="Cancel").click()
    expect(page.locator("#upload-list li")).to_have_count(0)
    page.reload()
    expect(page.locator("#unfinished")).to_have_count(0)
