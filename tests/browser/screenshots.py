"""`python -m tests.browser.screenshots`: make the pictures of README and docs from the demonstration."""

import base64
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.plugins.browser import find_chromium
from tests.stories.served import Served

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
QUALITY = 82
"""Of WebP, from 0 to 100: text is sharp, and all pictures together are small."""

SETTLED = 1_000
"""Time (ms) in which scripts draw graphs and countdowns."""

INCIDENT = "Ransomware on the payroll servers"


@dataclass(frozen=True)
class Picture:
    """A picture of a page; in `path`, NUMBER is that of the incident `INCIDENT`."""

    name: str
    role: str
    path: str
    is_phone: bool = False
    theme: Literal["light", "dark"] = "light"
    language: str = "en"


PICTURES = (
    Picture("incident", "coordinator", "/incidents/NUMBER"),
    Picture("incident-phone", "department", "/incidents/NUMBER", is_phone=True, language="zh"),
    Picture("incidents-dark", "coordinator", "/incidents", theme="dark"),
    Picture("inbox", "coordinator", "/inbox"),
    Picture("overview", "coordinator", "/"),
    Picture("playbook-dark", "coordinator", "/playbooks/playbook--dfa3f62a-26db-403f-9f87-159bd2cc8313", theme="dark"),
)


def main() -> None:
    """Serve a demonstration, and replace the pictures."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="incident-pictures-") as folder, sync_playwright() as playwright:
        served = Served(Path(folder) / "home")
        served.arguments = ("--demo",)
        browser = playwright.chromium.launch(executable_path=find_chromium())
        with served.serving():
            links = dict(line.split() for line in served.run("demo", "links").stdout.splitlines())
            number = number_of(served)
            for one in PICTURES:
                with opened(browser, links[one.role], one) as page:
                    page.goto(f"{served.url}{one.path.replace('NUMBER', number)}?lang={one.language}")
                    page.wait_for_timeout(SETTLED)
                    size = keep(page, FOLDER / f"{one.name}.webp")
                    print(f"{one.name}.webp {size / 1000:.0f} kB")
        browser.close()


def number_of(served: Served) -> str:
    """The number of the incident that is shown."""
    answer = served.call("GET", "/incidents", served.token("reader"), params={"q": INCIDENT})
    return str(answer.json()["items"][0]["number"])


@contextmanager
def opened(browser: Browser, link: str, wanted: Picture) -> Iterator[Page]:
    """A page of somebody who has signed in."""
    context = browser.new_context(
        locale="en-GB",
        timezone_id="Asia/Shanghai",
        viewport=PHONE if wanted.is_phone else DESKTOP,
        color_scheme=wanted.theme,
        reduced_motion="reduce",
        device_scale_factor=1,
    )
    page = context.new_page()
    page.goto(link)
    yield page
    context.close()


def keep(page: Page, file: Path) -> int:
    """Write what is on the screen as WebP, and return its size in bytes."""
    given = {"format": "webp", "quality": QUALITY}
    shot = page.context.new_cdp_session(page).send("Page.captureScreenshot", given)
    data = base64.b64decode(shot["data"])
    file.write_bytes(data)
    return len(data)


if __name__ == "__main__":
    main()
