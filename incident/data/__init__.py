"""Taxonomies and the demonstration as data, read once and handed down as frozen values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Category:
    """A category of GB/T 20986-2023: a class such as `MP`, or one under it such as `MPRANS`.

    `parent` is the code of the class, None for a class itself; `rsit` the nearest entry of the Reference Security
    Incident Taxonomy, such as `malicious-code/infected-system`.
    """

    code: str
    parent: str | None
    en: str
    zh: str
    about_en: str
    about_zh: str
    rsit: str

    def name(self, language: str) -> str:
        """The name in Chinese for a language that begins with `zh`, else in English."""
        return self.zh if language.startswith("zh") else self.en

    def about(self, language: str) -> str:
        """What belongs to it, in one sentence, in the same way."""
        return self.about_zh if language.startswith("zh") else self.about_en


@dataclass(frozen=True, slots=True)
class RsitEntry:
    """An entry of the Reference Security Incident Taxonomy, and the category (code) that it is taken for."""

    code: str
    en: str
    zh: str
    category: str


@cache
def categories() -> tuple[Category, ...]:
    """All categories, each class before what is under it, in the order of the standard."""
    return tuple(_category(item) for item in read_json("gbt20986.json")["categories"])


@cache
def rsit_entries() -> tuple[RsitEntry, ...]:
    """All entries of the Reference Security Incident Taxonomy."""
    return tuple(RsitEntry(**item) for item in read_json("rsit.json")["entries"])


@cache
def category_codes() -> frozenset[str]:
    """The codes of all categories, for the rules that ask whether one is known."""
    return frozenset(category.code for category in categories())


@cache
def category_by_code() -> Mapping[str, Category]:
    """All categories by their code."""
    return MappingProxyType({category.code: category for category in categories()})


@cache
def demonstration() -> Mapping[str, Any]:
    """What the demonstration shows: departments, people, rules, and a story of use cases by their distance from now."""
    return MappingProxyType(read_json("demonstration.json"))


def _category(item: dict[str, Any]) -> Category:
    about = item["about"]
    plain = {name: item[name] for name in ("code", "parent", "en", "zh", "rsit")}
    return Category(about_en=about["en"], about_zh=about["zh"], **plain)


def read_json(name: str) -> dict[str, Any]:
    """Return a data file of this package."""
    document: dict[str, Any] = json.loads(resources.files(__package__).joinpath(name).read_text("utf-8"))
    return document
