"""The form of the facts of an incident: it changes only the fields that were typed into."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import request

from incident.actions.incidents import incidents as use_cases
from incident.core.values.affiliation import AREAS
from incident.core.values.faults import RuleError
from incident.core.values.form_merge import merge_form
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident, Indicator, indicators_of
from incident.web.instance import now
from incident.web.pages.areas import region_words, sector_words
from incident.web.pages.forms import Form
from incident.web.pages.incidents.category_picker import typed_category
from incident.web.pages.template_filters import category_words, grade_words, indicator_lines, local_input
from incident.web.security.auth import require_caller

SEEN: Final = "seen"
"""The field in which a form says what its reader saw."""

ATTEMPTS: Final = 5
"""How often a change is tried while others change the same incident in other ways."""

TEXTS: Final = ("title", "category", "tlp", "description", *AREAS)


def fact_texts(incident: Incident, indicators: Sequence[Indicator] | None = None) -> dict[str, str]:
    """Return the facts of an incident as its form shows them, by the name of the field.

    Args:
        incident: the incident.
        indicators: those of the incident; looked up when they are not given.
    """
    known = indicators_of(incident.id) if indicators is None else indicators
    texts = {name: getattr(incident, name) or "" for name in TEXTS}
    texts |= {"grade": str(incident.grade or ""), "indicators": indicator_lines(known)}
    return texts | {name: local_input(getattr(incident, name)) for name in ("occurred_at", "detected_at")}


def _typed(given: Mapping[str, str], present: Mapping[str, str]) -> dict[str, str]:
    """Return those fields of a form that are facts, as text; the category as its code."""
    typed = {name: given[name] for name in present if name in given}
    return typed | {name: typed_category(typed[name]) or "" for name in ("category",) if name in typed}


@dataclass(frozen=True)
class FactConflict:
    """A fact that two people changed: as it stands now, and as the reader typed it, both in words."""

    name: str
    now: str
    typed: str


def merged_facts(given: Mapping[str, str], present: Mapping[str, str]) -> tuple[Mapping[str, str], list[FactConflict]]:
    """Return what a refused form shows again, and the facts that somebody else changed to something else.

    A fact that its reader did not type into is shown as it stands now: sending the form again does not change it back.
    """
    if SEEN not in given:
        return given, []
    typed = _typed(given, present)
    merged = merge_form(given[SEEN], typed, present)
    kept = {name: present[name] for name in typed if name not in merged.changed}
    conflicts = [
        FactConflict(name, fact_shown(name, present[name]), fact_shown(name, typed[name]))
        for name in present
        if name in merged.conflicts
    ]
    return {**given, **kept}, conflicts


def change_with_form(
    incident: Incident,
    texts: Callable[[Incident], Mapping[str, str]],
    read: Callable[[Form], Mapping[str, Any]],
) -> None:
    """Change what was typed into a form of an incident.

    Args:
        incident: the incident.
        texts: returns what the form would show now.
        read: returns the values of the form by field.

    Raises:
        RuleError: `form.changed_meanwhile` (conflict) for each field that somebody else changed as well; those of
            the fields, and of `change_incident`.
    """
    for attempt in range(ATTEMPTS):
        form = Form()
        values, present = read(form), texts(incident)
        merged = merge_form(request.form.get(SEEN, ""), _typed(request.form, present), present)
        form.faults += [
            RuleError("form.changed_meanwhile", kind="conflict", pointer=f"/{name}")
            for name in present
            if name in merged.conflicts
        ]
        form.finish()
        changes = {name: value for name, value in values.items() if name in merged.changed or name not in present}
        version = incident.version if SEEN in request.form else None
        try:
            use_cases.change_incident(incident.id, changes, version, require_caller().actor, now())
        except RuleError as fault:
            if fault.code != "version.stale" or attempt + 1 == ATTEMPTS:
                raise
            db.session.rollback()
        else:
            return


def fact_shown(name: str, text: str) -> str:
    """Return a fact, given as in the form, in words."""
    if not text:
        return "–"
    if name == "grade" and text in {"1", "2", "3", "4"}:
        return grade_words(int(text))
    if name == "tlp":
        return f"TLP:{text.upper()}"
    known = {"category": category_words, "sector": sector_words, "region": region_words}
    return known[name](text) if name in known else text.replace("T", " ") if name.endswith("_at") else text
