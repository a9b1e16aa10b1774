"""Whether the picture of a playbook shows what it should."""

from playwright.sync_api import Locator

OUTSIDE = """frame => {
  const of = element => element.getBoundingClientRect();
  const box = of(frame.querySelector("svg"));
  const isIn = one => one.left >= box.left - 1 && one.right <= box.right + 1
    && one.top >= box.top - 1 && one.bottom <= box.bottom + 1;
  return [...frame.querySelectorAll(".node")].filter(node => !isIn(of(node))).map(node => node.textContent);
}"""


def steps_outside(frame: Locator) -> list[str]:
    """Return the steps of a picture that are not wholly in its frame."""
    found: list[str] = frame.evaluate(OUTSIDE)
    return found


def part_shown(frame: Locator) -> str | None:
    """Return the part of a picture that is shown."""
    return frame.locator("svg").get_attribute("viewBox")
