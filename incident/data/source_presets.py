"""Presets of sources: how the payloads of known senders become alerts, one file for each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class SourcePreset:
    """A preset: the name of the source, that of the product, and the document of its mapping."""

    name: str
    product: str
    mapping: Mapping[str, Any]


@cache
def source_presets() -> Mapping[str, SourcePreset]:
    """All presets by name, in alphabetical order."""
    folder = resources.files(__package__).joinpath("sources")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda file: file.name)
    found = {}
    for file in files:
        name = file.name.removesuffix(".json")
        found[name] = SourcePreset(name=name, **json.loads(file.read_text("utf-8")))
    return MappingProxyType(found)
