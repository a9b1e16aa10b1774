"""Makes an application of the tests cheap: what each would compute again is kept for the next one.

A test makes an application and a database connection of its own, and so may change them. Most of the time that took
went into compiling the same addresses, templates and statements again, and into looking for garbage.
"""

import functools
import gc
from collections.abc import Sequence
from pathlib import Path
from types import CodeType
from typing import Any

import flask
from babel.support import NullTranslations, Translations
from flask_sqlalchemy import SQLAlchemy
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.datastructures import ImmutableDict
from werkzeug.routing import Rule

GARBAGE = 50_000
"""Objects made before Python looks for cycles among the new ones; its own 700 cost a tenth of the time."""

_rules: dict[object, Rule] = {}
_compile_rule = Rule.compile


def _kept_rule(rule: Rule) -> None:
    """Compile a rule, or take what an equal rule of another application has."""
    key = (rule.rule, repr(rule.defaults), rule.merge_slashes, rule.subdomain, rule.host)
    same = _rules.get(key)
    if same is None or _converters(same) != _converters(rule):
        _compile_rule(rule)
        _rules[key] = rule
        return
    rule.arguments = set(same.arguments)
    rule._parts, rule._trace, rule._converters = same._parts, same._trace, same._converters
    rule._build = same._build.__func__.__get__(rule, None)  # type: ignore[attr-defined]
    rule._build_unknown = same._build_unknown.__func__.__get__(rule, None)  # type: ignore[attr-defined]


def _converters(rule: Rule) -> object:
    return rule.map.converters


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


_load = Translations.load
_statements: LRUCache[Any, Any] = LRUCache(5_000)
_make_engine = SQLAlchemy._make_engine


def _made_engine(database: SQLAlchemy, bind: str | None, options: dict[str, Any], app: flask.Flask) -> Engine:
    """Make an engine that shares the compiled statements of the other engines."""
    engine = _make_engine(database, bind, options, app)
    engine._compiled_cache = _statements
    return engine


def _is_same_dialect(one: DefaultDialect, other: object) -> bool:
    """Whether two dialects compile a statement to the same text and the same conversions: statements are kept by it."""
    return type(one) is type(other) and _traits(one) == _traits(other)


def _traits(dialect: DefaultDialect) -> tuple[object, ...]:
    names = ("dbapi", "paramstyle", "server_version_info", "_json_serializer", "_json_deserializer")
    return tuple(getattr(dialect, name, None) for name in names)


@functools.cache
def _catalogue(folder: str | Path, languages: tuple[str, ...], domain: str) -> NullTranslations:
    return _load(folder, languages, domain)


def _load_catalogue(folder: str | Path, languages: Sequence[str], domain: str = "messages") -> NullTranslations:
    """Read a compiled catalogue once."""
    return _catalogue(folder, tuple(languages), domain)


gc.set_threshold(GARBAGE, 20, 50)
DefaultDialect.__eq__ = _is_same_dialect  # type: ignore[assignment, method-assign]
DefaultDialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
Translations.load = _load_catalogue  # type: ignore[method-assign, assignment]
SQLAlchemy._make_engine = _made_engine  # type: ignore[assignment, method-assign]
Rule.compile = _kept_rule  # type: ignore[assignment, method-assign]
_options: dict[str, Any] = dict(flask.Flask.jinja_options)
flask.Flask.jinja_options = ImmutableDict(_options | {"bytecode_cache": KeptTemplates()})
