"""The front-end files that the set-up builds."""

import re

from tests.house.source import ROOT
from tools import vendor

USES = re.compile(r"icons\.svg[^\"'#]*#([a-z0-9-]+)|\bicon\(\s*[\"']([a-z0-9-]+)[\"']")


def test_set_up_has_made_every_file_the_pages_use() -> None:
    assert vendor.missing_files() == []


def test_the_sprite_has_each_listed_icon_once_and_nothing_else() -> None:
    text = (ROOT / vendor.PLACE / vendor.SPRITE).read_text("utf-8")
    assert re.findall(r'<symbol id="([^"]+)"', text) == vendor.icon_names()
    assert "<script" not in text


def test_every_icon_a_page_shows_is_in_the_list() -> None:
    templates = (ROOT / "incident" / "web" / "templates").rglob("*.html")
    shown = {
        name
        for file in templates
        for match in USES.finditer(file.read_text("utf-8"))
        for name in match.groups()
        if name
    }
    assert shown - set(vendor.icon_names()) == set()


def test_no_style_or_script_is_fetched_from_elsewhere() -> None:
    css = (ROOT / vendor.PLACE / "tabler.min.css").read_text("utf-8")
    assert re.findall(r"@import|url\(\s*[\"']?(?:https?:)?//", css) == []
    scripts = [file.read_text("utf-8") for file in (ROOT / vendor.PLACE).glob("*.js")]
    assert not any("sourceMappingURL" in text for text in scripts)


def test_the_terms_of_each_package_come_along() -> None:
    text = (ROOT / vendor.PLACE / "LICENSES.txt").read_text("utf-8")
    assert all(f"{name}\n===" in text for name in vendor.LICENSES)
