"""Checks of contacts of people: the contact of an agent or target (CACAO 2.0 section 10.5).

Nothing is sent to them; a person who opens the task reads them. Therefore all faults are warnings (P17).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from incident.core.cacao.checks.shapes import Path, kind_of
from incident.core.cacao.faults import Fault, pointer, warning
from incident.core.cacao.substitution import REFERENCE

CLAUSE = "CACAO 2.0 section 10.5"
_LABEL = r"\w(?:[\w-]{0,61}\w)?"
# A local part of atoms (RFC 5322, with letters of any script by RFC 6531), and a domain of labels.
_EMAIL = re.compile(rf"[\w!#$%&'*+/=?^`{{|}}~-]+(?:\.[\w!#$%&'*+/=?^`{{|}}~-]+)*@{_LABEL}(?:\.{_LABEL})*\Z")
_PHONE = re.compile(r"(?:tel:)?\+?(?:[\s()./-]*[0-9]){3,20}[\s)]*(?:(?:ext\.?|x|#|转)\s*[0-9]{1,8})?\Z", re.IGNORECASE)
_FORMS = {"email": (_EMAIL, "x"), "phone": (_PHONE, "000")}
_LONGEST = 320


def contact_faults(contact: Any, path: Path) -> Iterator[Fault]:
    """Yield the faults of a contact's addresses; the value of a variable is assumed to fit."""
    if not isinstance(contact, dict):
        return
    for name, value in contact.items():
        place = (*path, name)
        if name == "contact_details":
            yield from _kind_faults(value, place, str, "string")
        elif name not in _FORMS:
            yield warning("unknown_property", pointer(*place), CLAUSE, name=name)
        elif isinstance(value, dict):
            for label, text in value.items():
                yield from _address_faults(name, text, (*place, label))
        else:
            yield from _kind_faults(value, place, dict, "object")


def _kind_faults(value: Any, path: Path, wanted: type, expected: str) -> Iterator[Fault]:
    if not isinstance(value, wanted):
        yield warning("contact_wrong_type", pointer(*path), CLAUSE, expected=expected, found=kind_of(value))


def _address_faults(kind: str, text: Any, path: Path) -> Iterator[Fault]:
    yield from _kind_faults(text, path, str, "string")
    if not isinstance(text, str):
        return
    form, filling = _FORMS[kind]
    if REFERENCE.fullmatch(text):
        return
    filled = REFERENCE.sub(filling, text.strip())
    if len(filled) > _LONGEST or not form.match(filled):
        yield warning("contact_malformed", pointer(*path), CLAUSE, kind=kind, found=text[:100])
