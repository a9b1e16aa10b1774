"""Sectors of critical infrastructure and provinces, for choosing and for their names."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Area:
    """A sector or a province: its code, its names, and for a sector its NIS 2 sectors."""

    code: str
    en: str
    zh: str
    nis2: tuple[str, ...] = ()

    def name(self, language: str) -> str:
        """The name in Chinese for a language that begins with `zh`, else in English."""
        return self.zh if language.startswith("zh") else self.en


@cache
def sectors() -> Mapping[str, Area]:
    """The sectors of critical information infrastructure by code, in the order of the regulations."""
    return _read("sectors")


@cache
def provinces() -> Mapping[str, Area]:
    """The provinces by their two digits of GB/T 2260."""
    return _read("provinces")


def _read(name: str) -> Mapping[str, Area]:
    text = resources.files(__package__).joinpath(f"{name}.json").read_text("utf-8")
    items = [Area(**{**item, "nis2": tuple(item.get("nis2", ()))}) for item in json.loads(text)[name]]
    return MappingProxyType({item.code: item for item in items})
