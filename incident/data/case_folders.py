"""Kinds of cases with the parts of their folders (`case_folders.json`)."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from incident.core.documents.folders import CaseKind, read_case_kinds
from incident.data.document_kinds import shipped_kinds


@cache
def case_kinds() -> Mapping[str, CaseKind]:
    """The kinds of cases by id, in their order."""
    text = resources.files(__package__).joinpath("case_folders.json").read_text("utf-8")
    return MappingProxyType(dict(read_case_kinds(json.loads(text), shipped_kinds().keys())))
