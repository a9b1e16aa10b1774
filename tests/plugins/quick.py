"""Makes an application of the tests cheap: what each would compute again is kept for the next one.

A test makes an application of its own, and so may change it. Half of the time that took went into compiling the same
addresses and templates again.
"""

from collections.abc import Callable
from types import CodeType
from typing import Any

import flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.datastructures import ImmutableDict
from werkzeug.routing import Rule

_builders: dict[object, Callable[..., tuple[str, str]]] = {}
_compile_builder = Rule._compile_builder


def _kept_builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    """Return the function that builds addresses of a rule; it takes the rule as its first argument."""
    key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
    if key not in _builders:
        _builders[key] = _compile_builder(rule, append_unknown)
    return _builders[key]


class KeptTemplates(BytecodeCache):
    """Compiled templates, in memory, by name and content."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket of a template that was compiled before."""
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self.kept[bucket.key, bucket.checksum] = bucket.code


Rule._compile_builder = _kept_builder  # type: ignore[assignment, method-assign]
_options: dict[str, Any] = dict(flask.Flask.jinja_options)
flask.Flask.jinja_options = ImmutableDict(_options | {"bytecode_cache": KeptTemplates()})
