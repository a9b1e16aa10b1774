"""One browser that opens page after page, sends faulty forms, and collects what is wrong with what it is shown."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal

from playwright.sync_api import Browser

from tests.browser import walk
from tests.browser.conftest import keep_picture

Look = tuple[str, Literal["light", "dark"]]
LOOKS: tuple[Look, ...] = (("en", "light"), ("zh", "dark"))
LATER = ("looks", "narrow")

FAULTS = "#fault li, .findings li, .act > .band-bad"
"""Where a page names the faults of a form."""

SEND = """([address, fields]) => {
  const form = document.createElement("form");
  Object.assign(form, {method: "post", action: address, hidden: true});
  for (const [name, value] of fields) form.append(Object.assign(document.createElement("textarea"), {name, value}));
  document.body.append(form);
  form.submit();
}"""


class Walk:
    """One browser that opens page after page and collects what is wrong.

    `wrong` is empty when nothing is.
    """

    def __init__(self, browser: Browser, base: str) -> None:
        self.context = browser.new_context(
            locale="en-GB", viewport=walk.DESKTOP, reduced_motion="reduce", service_workers="block"
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.base = base
        self.wrong: list[str] = []
        self.expected = "200"
        self.page.on("pageerror", lambda error: self._note(f"script: {error}"))
        self.page.on("console", lambda line: self._note(line.text) if line.type == "error" else None)
        self.page.on("request", lambda one: None if one.url.startswith(base) else self._note(f"left for {one.url}"))

    @property
    def all_wrong(self) -> str:
        """Everything that is wrong, each once and on a line."""
        return "\n".join(dict.fromkeys(self.wrong))

    def _note(self, what: str) -> None:
        if f"status of {self.expected}" not in what:
            self.wrong.append(f"{self.page.url.removeprefix(self.base)}: {what}")

    def look(
        self, path: str, status: int = 200, ways: Sequence[str] = walk.WAYS, looks: Sequence[Look] = LOOKS
    ) -> None:
        """Open a page in both languages and themes; an address that answers with another status fails.

        All rules of axe are applied in the first look, those that depend on it in the others.
        """
        self.expected = str(status)
        for language, scheme in looks:
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            answer = self.page.goto(f"{self.base}{path}{'&' if '?' in path else '?'}lang={language}")
            assert answer is not None, path
            assert answer.status == status, (path, answer.status)
            self.judge(path, language, scheme, ways if (language, scheme) == looks[0] else LATER)

    def send(self, path: str, fields: Mapping[str, str | Sequence[str]]) -> None:
        """Send a form with faults in both languages and themes; a page without a summary of faults fails."""
        self.expected = "4"
        given = [(name, one) for name, some in fields.items() for one in ([some] if isinstance(some, str) else some)]
        for language, scheme in LOOKS:
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            with self.page.expect_navigation() as led:
                self.page.evaluate(SEND, [f"{path}?lang={language}", given])
            assert led.value is not None, path
            assert 400 <= led.value.status < 500, (path, led.value.status)
            assert self.page.locator(FAULTS).count(), path
            is_first = (language, scheme) == LOOKS[0]
            self.judge(f"{path} with faults", language, scheme, ("axe", "narrow") if is_first else LATER)

    def judge(self, name: str, language: str, scheme: str, ways: Sequence[str] = walk.WAYS) -> None:
        """Look at the page that is open."""
        keep_picture(self.page, f"{re.sub(r'[^a-z]+', '-', name.lower().partition('?')[0]).strip('-')}-{language}")
        for way, found in walk.findings(self.page, ways).items():
            self.wrong += [f"{name} in {language}, {scheme}, {way}: {what}" for what in found]


@contextmanager
def walking(browser: Browser, base: str) -> Iterator[Walk]:
    """Open a browser in which nobody has signed in."""
    made = Walk(browser, base)
    yield made
    made.context.close()
