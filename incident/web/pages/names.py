"""Names of an incident's objects on its timeline."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from incident.store.journal.journal import Entry
from incident.web import i18n

Detail = Mapping[str, Any]


@dataclass(frozen=True)
class Names:
    """Names of an incident's objects by reference such as `notice:7`; `steps` by run and step key."""

    things: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    departments: Mapping[str, str] = field(default_factory=dict)


Saying = Callable[[Detail, Entry, Names], str]
"""Type of the functions that turn a verb of the journal into a sentence."""


def thing_called(names: Names, entry: Entry, other: str = "") -> str:
    """Return the name of an entry's subject."""
    return i18n.spoken(names.things.get(entry.subject, other))


def department_called(names: Names, code: str) -> str:
    """Return the name of the department with a code."""
    return i18n.spoken(names.departments.get(code, code))
