"""Categories of public reports, and the directory of other places to turn to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class ReportCategory:
    """A category of public reports, with examples in plain words.

    `kind` is the usual kind of its reports, `protection` what one with contact details gets by default, `bodies` the
    competent ones by name in English and Chinese, `playbook` the id of a shipped playbook or None, and `gbt` the
    nearest category of GB/T 20986-2023 or None.
    """

    code: str
    kind: str
    en: str
    zh: str
    examples_en: str
    examples_zh: str
    protection: str
    bodies: tuple[tuple[str, str], ...]
    playbook: str | None
    gbt: str | None

    def name(self, language: str) -> str:
        """The name in Chinese for a language that begins with `zh`, else in English."""
        return self.zh if language.startswith("zh") else self.en

    def examples(self, language: str) -> str:
        """What belongs to it, in the same way."""
        return self.examples_zh if language.startswith("zh") else self.examples_en


@dataclass(frozen=True, slots=True)
class OtherPlace:
    """Another place to turn to: a telephone number, a page, or neither; `is_urgent` for those that act at once."""

    code: str
    phone: str | None
    url: str | None
    en: str
    zh: str
    is_urgent: bool

    def about(self, language: str) -> str:
        """What it is for, in Chinese for a language that begins with `zh`, else in English."""
        return self.zh if language.startswith("zh") else self.en


@cache
def report_categories() -> Mapping[str, ReportCategory]:
    """All categories of reports by code, in the order in which they are shown."""
    document = _read("report-categories")
    names = {code: (one["en"], one["zh"]) for code, one in document["bodies"].items()}
    found = {}
    for one in document["categories"]:
        examples = one["examples"]
        facts = {name: one[name] for name in ("code", "kind", "en", "zh", "protection", "playbook", "gbt")}
        found[one["code"]] = ReportCategory(
            examples_en=examples["en"],
            examples_zh=examples["zh"],
            bodies=tuple(names[code] for code in one["bodies"]),
            **facts,
        )
    return MappingProxyType(found)


@cache
def other_places() -> tuple[OtherPlace, ...]:
    """The directory, the urgent ones first."""
    return tuple(OtherPlace(**one) for one in _read("report-directory")["entries"])


def incident_category(code: str | None) -> str | None:
    """Return the category of an incident that fits a category of a report; other codes are returned unchanged."""
    found = report_categories().get(code or "")
    return code if found is None else found.gbt


def _read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(resources.files(__package__).joinpath(f"{name}.json").read_text("utf-8"))
    return document
