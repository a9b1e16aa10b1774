"""What a person does on a page, counted: clicks, keys, fields that are typed, places that are chosen."""

from typing import Any

from playwright.sync_api import Locator, Page


class Hands:
    """A person at one page; every action is counted once."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = self.typed = self.chosen = self.keys = 0

    @property
    def actions(self) -> int:
        """All actions so far."""
        return self.clicks + self.typed + self.chosen + self.keys

    def click(self, role: Any, name: Any, within: Locator | None = None) -> None:
        """Press a button, follow a link, or tick a box."""
        self.tap((within or self.page).get_by_role(role, name=name).first)

    def tap(self, what: Locator) -> None:
        """Click on something that is on the page."""
        what.click()
        self.clicks += 1

    def type(self, selector: str, text: str) -> None:
        """Fill a field and leave it."""
        self.page.locator(selector).fill(text)
        self.page.locator(selector).blur()
        self.typed += 1

    def write(self, text: str) -> None:
        """Type into the field that has the focus already."""
        self.page.keyboard.type(text)
        self.typed += 1

    def press(self, key: str) -> None:
        """Press one key."""
        self.page.keyboard.press(key)
        self.keys += 1

    def choose(self, selector: str, value: str) -> None:
        """Choose one of the places of a list."""
        self.page.locator(selector).select_option(value)
        self.chosen += 1
