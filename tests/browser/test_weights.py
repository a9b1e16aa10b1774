"""What set-up takes out of the styles: no page looks different, and no class that is used is missing."""

import re

from playwright.sync_api import Page

from tests.browser.conftest import Program, SignIn, contain
from tests.house.source import ROOT
from tools import vendor

PATHS = (
    "/",
    "/wall",
    "/incidents",
    "/incidents/new",
    "/incidents/INC",
    "/incidents/INC/ledger",
    "/incidents/INC/certificate",
    "/inbox",
    "/reports",
    "/departments/NOC",
    "/departments/NOC/rota",
    "/departments/NOC/policy?grade=1",
    "/playbooks",
    "/playbooks/new",
    f"/playbooks/{contain()['id']}/simulate",
    "/rules?try=1&grade=1",
    "/journal",
    "/outbox",
    "/dead-letters",
    "/people",
    "/tokens",
    "/health",
    "/nothing",
    "/account",
    "/sources",
    "/setup/playbooks",
    "/drills",
    "/report",
)
WHOLE = ROOT / "node_modules" / "@tabler" / "core" / "dist" / "css" / "tabler.min.css"
CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")
NAME = re.compile(r"[a-zA-Z][\w-]*")
QUOTED = re.compile(r"class(?:Name)?\s*=\s*\"([^\"]*)\"|classList\.\w+\(\s*\"([^\"]*)\"|look=\"([^\"]*)\"")
SCHEMES = ("light", "dark")
LOOKS = """() => [...document.querySelectorAll("body, body *")].map((one) => {
  const look = getComputedStyle(one), box = one.getBoundingClientRect();
  const seen = ["color", "backgroundColor", "fontSize", "fontWeight", "display", "padding", "border",
    "position", "lineHeight", "gap", "alignItems", "textDecoration", "borderRadius", "opacity", "boxShadow"];
  const place = [box.x, box.y, box.width, box.height].map((one) => Math.round(one * 10)).join();
  return `${one.tagName}.${one.getAttribute("class") ?? ""} ${place} ${seen.map((name) => look[name]).join("|")}`;
})"""


def test_every_class_of_a_page_that_the_library_has_is_kept() -> None:
    known = set(CLASS.findall(WHOLE.read_text("utf-8")))
    kept = set(CLASS.findall((ROOT / vendor.PLACE / "tabler.min.css").read_text("utf-8")))
    web = ROOT / "incident" / "web"
    used = {
        name
        for file in (*(web / "templates").rglob("*.html"), *(web / "static" / "js").glob("*.js"))
        for match in QUOTED.finditer(file.read_text("utf-8"))
        for name in NAME.findall(" ".join(filter(None, match.groups())))
    }
    assert {"btn-primary", "d-flex", "form-check-input", "visually-hidden"} <= used
    assert (used & known) - kept == set(), "run make setup"


def test_most_of_the_library_is_taken_out() -> None:
    file = ROOT / vendor.PLACE / "tabler.min.css"
    assert file.stat().st_size < WHOLE.stat().st_size / 10, "run make setup"


PREPARE = """() => {
  for (const fold of document.querySelectorAll("details")) fold.open = !fold.matches(".more");
  for (const time of document.querySelectorAll("time")) time.replaceWith("1 min");
  document.getElementById("live-sign")?.remove();  // it changes with the stream, not with the styles
}"""
EXCHANGE = """() => new Promise((done) => {
  const link = document.querySelector("link[href*='tabler.min.css']");
  link.addEventListener("load", () => requestAnimationFrame(done));
  link.href = "/static/whole.css";
})"""


SHOWN = """scheme => {
  const { bsTheme, theme } = document.documentElement.dataset;
  return bsTheme === (theme ?? scheme);  // a wall display has one look
}"""


def looks(page: Page) -> list[str]:
    found: list[str] = page.evaluate(LOOKS)
    return found


def test_every_page_looks_as_with_the_whole_library(program: Program, sign_in: SignIn) -> None:
    number = program.alert("Weighed", "weight")
    page = sign_in("administrator", reduced_motion="reduce")  # a colour on its way is none to compare
    page.route("**/static/whole.css", lambda route: route.fulfill(path=str(WHOLE), content_type="text/css"))
    for path in PATHS:
        page.goto(program.url + path.replace("INC", number))
        page.evaluate(PREPARE)
        small = {scheme: seen_in(page, scheme) for scheme in SCHEMES}
        page.evaluate(EXCHANGE)
        for scheme in SCHEMES:
            pairs = zip(small[scheme], seen_in(page, scheme), strict=True)
            assert [pair for pair in pairs if pair[0] != pair[1]][:3] == [], (path, scheme)


def seen_in(page: Page, scheme: str) -> list[str]:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.wait_for_function(SHOWN, arg=scheme)
    return looks(page)
