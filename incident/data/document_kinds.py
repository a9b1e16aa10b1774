"""Kinds of official documents that come with the program (`data/documents`)."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

from incident.core.documents.kinds import DocumentKind, read_kind

FAMILIES: Final = (
    "form",
    "brief",
    "upward",
    "downward",
    "letter",
    "enforcement",
    "record",
    "receipt",
    "international",
)
"""In the order in which kinds are listed."""


@cache
def shipped_kind_data() -> Mapping[str, bytes]:
    """The data of the kinds by id, by family and id."""
    folder = resources.files(__package__).joinpath("documents")
    texts = [file.read_bytes() for file in folder.iterdir() if file.name.endswith(".json")]
    found = sorted((FAMILIES.index(one["family"]), one["id"], text) for text in texts for one in (json.loads(text),))
    return MappingProxyType({key: text for _, key, text in found})


@cache
def shipped_kinds() -> Mapping[str, DocumentKind]:
    """The kinds by id."""
    return MappingProxyType({key: read_kind_data(text) for key, text in shipped_kind_data().items()})


def read_kind_data(content: bytes) -> DocumentKind:
    """Return the kind that a file of `data/documents`, or a stored version of one, describes."""
    return read_kind(json.loads(content), hashlib.sha256(content).hexdigest())
