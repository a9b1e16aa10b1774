"""Which kind of document is the form of a report that a regime asks for (`data/report_forms.json`)."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType


@cache
def report_forms() -> Mapping[tuple[str, str], str]:
    """The kinds of documents by regime and stage; stages without a form are left out."""
    text = resources.files(__package__).joinpath("report_forms.json").read_text("utf-8")
    return MappingProxyType({(one["regime"], one["stage"]): one["document"] for one in json.loads(text)})
