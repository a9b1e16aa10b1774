"""Checks of one open page: axe, narrow widths, visible focus, motion. Each returns findings as sentences."""

from collections.abc import Collection
from importlib.resources import files

from playwright.sync_api import Page, ViewportSize

WAYS = ("axe", "focus", "narrow", "still")
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
NARROW = (320, 640)
"""CSS pixels: a phone or 400 % (WCAG 2.2 1.4.10), and 1280 pixels at 200 %."""

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = {"target-size": {"enabled": True}}
"""Beside all default rules, best practices included: the rule of WCAG 2.2 that is off by default."""

ROWS = 6
"""Rows of a list that axe looks at: the others are of the same kinds."""

OF_LOOKS = ("color-contrast", "link-in-text-block", "target-size")
"""Rules whose answer depends on the theme or on the length of words.

The others read the tree of the page, which is the same in each language and theme but for texts, whose translation
the catalogue requires.
"""

RUN_AXE = """async ([rules, rows, only]) => {
  for (const list of document.querySelectorAll("tbody, ul, ol"))
    while (list.children.length > rows) list.lastElementChild.remove();
  scrollTo(0, 0);
  const some = only ? {runOnly: {type: "rule", values: only}} : {};
  const found = await axe.run(document, {rules, resultTypes: ["violations"], elementRef: false, ...some});
  return found.violations.map(one => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map(
    node => node.html.slice(0, 160)).join(" ")}`);
}"""

OPEN_FOLDS = """() => {
  for (const fold of document.querySelectorAll("details")) fold.open = !fold.matches(".more");
}"""

CUT = """() => {
  const wide = document.documentElement.clientWidth, found = [];
  const named = one => `<${one.tagName.toLowerCase()} id="${one.id}" class="${one.getAttribute("class") ?? ""}"> ` +
    one.textContent.trim().replace(/\\s+/g, " ").slice(0, 60);
  const canScroll = one => /auto|scroll/.test(getComputedStyle(one).overflowX);
  const isReachable = one => {
    for (let it = one.parentElement; it && it !== document.body; it = it.parentElement) if (canScroll(it)) return true;
    return false;
  };
  if (document.documentElement.scrollWidth > wide)
    found.push(`the page scrolls sideways to ${document.documentElement.scrollWidth}`);
  for (const one of document.body.querySelectorAll(":not(svg *)")) {
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    const isHidden = box.width < 2 || box.height < 2 || style.visibility === "hidden";
    if (isHidden || one.closest(".skip, .visually-hidden")) continue;
    if (box.right > wide + 1 && !isReachable(one)) found.push(`ends at ${Math.round(box.right)}: ${named(one)}`);
    const isTextField = /INPUT|SELECT|TEXTAREA/.test(one.tagName);
    if (/hidden|clip/.test(style.overflowX) && one.scrollWidth > one.clientWidth + 1 && one.clientWidth && !isTextField)
      found.push(`cut at ${one.clientWidth} of ${one.scrollWidth}: ${named(one)}`);
  }
  return found.slice(0, 4);
}"""

FOCUS = """() => {
  const look = one => {
    const it = getComputedStyle(one);
    return [it.left, it.outlineStyle, it.outlineWidth, it.outlineColor, it.boxShadow, it.borderColor,
      it.backgroundColor].join();
  };
  const focusable = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const found = [];
  document.activeElement?.blur();
  for (const one of document.querySelectorAll(focusable)) {
    if (!one.checkVisibility({visibilityProperty: true}) || one.disabled) continue;
    const before = look(one);
    one.focus({preventScroll: true});
    if (document.activeElement === one && look(one) === before)
      found.push(`no focus is seen: ${one.outerHTML.slice(0, 160)}`);
    one.blur();
  }
  return found.slice(0, 4);
}"""

MOVES = """most => {
  const found = [];
  const longest = text => Math.max(...text.split(",").map(one => parseFloat(one) * (one.includes("ms") ? 1 : 1000)));
  for (const one of document.querySelectorAll("*")) for (const part of [null, "::before", "::after"]) {
    const style = getComputedStyle(one, part);
    const moves = longest(style.transitionDuration) > most ||
      style.animationName !== "none" && longest(style.animationDuration) > most;
    if (moves) found.push(`moves: ${one.outerHTML.slice(0, 120)}${part ?? ""}`);
    if (style.scrollBehavior === "smooth") found.push(`scrolls smoothly: ${one.outerHTML.slice(0, 120)}`);
  }
  return found.slice(0, 4);
}"""

MOST_MOTION = 10
"""Milliseconds that anything may move for a person who wants less motion."""


def axe_findings(page: Page, only: Collection[str] | None = None) -> list[str]:
    """Run axe with all default rules and best practices, or with some; lists are cut to `ROWS` first."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[str] = page.evaluate(RUN_AXE, [RULES, ROWS, None if only is None else list(only)])
    return found


def findings(page: Page, ways: Collection[str] = WAYS) -> dict[str, list[str]]:
    """Everything that is wrong with an open page, by the way of looking at it; its folds are opened."""
    page.evaluate(OPEN_FOLDS)
    found: dict[str, list[str]] = {}
    for width in NARROW if "narrow" in ways else ():
        page.set_viewport_size({"width": width, "height": 800})
        found[f"{width} px"] = page.evaluate(CUT)
    if "narrow" in ways:
        page.set_viewport_size(DESKTOP)
    if "focus" in ways:
        page.keyboard.press("Tab")
        found["focus"] = page.evaluate(FOCUS)
    if "still" in ways:
        found["still"] = page.evaluate(MOVES, MOST_MOTION)
    if "axe" in ways:
        found["axe"] = axe_findings(page)
    if "looks" in ways:
        found["axe"] = axe_findings(page, OF_LOOKS)
    return {way: what for way, what in found.items() if what}
