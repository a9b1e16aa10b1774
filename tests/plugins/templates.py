"""A template that reads a missing attribute of an object fails in tests; Jinja itself would show nothing."""

from collections.abc import Mapping
from typing import Any

import flask
from jinja2 import Undefined
from jinja2.utils import missing
from werkzeug.datastructures import ImmutableDict


class MissingAttribute(Undefined):
    """An undefined value: empty for a context or a mapping, a fault for any other object."""

    def __init__(self, hint: str | None = None, obj: Any = missing, name: str | None = None, *more: Any) -> None:
        super().__init__(hint, obj, name, *more)
        if obj is not missing and not isinstance(obj, Mapping | Undefined):
            raise AttributeError(f"a template reads {name!r} of {type(obj).__name__}")


flask.Flask.jinja_options = ImmutableDict(undefined=MissingAttribute)
