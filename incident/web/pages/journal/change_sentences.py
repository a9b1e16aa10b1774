"""Sentences of the timeline about changed facts of an incident."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from incident.core.incidents.grade import ROMAN
from incident.core.values.affiliation import AREAS
from incident.store.journal.journal import Entry
from incident.web import i18n
from incident.web.i18n import gettext as _
from incident.web.pages.areas import region_words, sector_words
from incident.web.pages.journal.clock_sentences import review_words
from incident.web.pages.journal.people_sentences import people_changes
from incident.web.pages.names import Detail, Names, Saying, department_called
from incident.web.pages.template_filters import category_words, grade_words, zone

FIELDS: Final = ("title", "description", "category", "grade", *AREAS, "tlp", "occurred_at", "detected_at", "indicators")

CHANGE_ICONS: Final = {
    "incident.changed": ("edit", "quiet"),
    "incident.systems_changed": ("devices", "quiet"),
    "incident.grade_decided": ("gavel", "live"),
    "incident.grade_proposed": ("gavel", "warn"),
}


def _changed(detail: Detail, _entry: Entry, names: Names) -> str:
    before, after = detail.get("before") or {}, detail.get("after") or {}
    parts = [
        _(
            "%(field)s: %(before)s → %(after)s",
            field=fact_words(name),
            before=_value(name, before.get(name)),
            after=_value(name, after[name]),
        )
        for name in FIELDS
        if name in after and name not in {"description", "indicators"}
    ]
    parts += [_("%(field)s changed", field=fact_words(name)) for name in ("description", "indicators") if name in after]
    parts += people_changes(after)
    added = after.get("departments_added")
    if added:
        parts.append(
            _("departments added: %(names)s", names=", ".join(department_called(names, code) for code in added))
        )
    parts += _proposed(after, names)
    return "; ".join(parts) or _("Incident changed")


def _systems_changed(detail: Detail, _entry: Entry, names: Names) -> str:
    added, removed = ([one["name"] for one in detail.get(way, ())] for way in ("added", "removed"))
    parts = [_("Systems added: %(names)s", names=", ".join(added))] if added else []
    parts += [_("Systems removed: %(names)s", names=", ".join(removed))] if removed else []
    return "; ".join((*parts, *_proposed(detail, names)))


def _proposed(detail: Detail, names: Names) -> list[str]:
    named = ", ".join(department_called(names, code) for code in detail.get("departments_proposed") or ())
    return [_("the rules name as well: %(names)s", names=named)] if named else []


def _graded(detail: Detail, entry: Entry, names: Names) -> str:
    grade = grade_words(detail["grade"]) if "grade" in detail else "–"
    if entry.event_type == "incident.grade_proposed":
        return _("Lower grade proposed: %(grade)s. A second person must confirm it", grade=grade)
    proposed = _proposed(detail.get("after") or {}, names)
    return "; ".join((_("Grade decided: %(grade)s", grade=grade), *proposed, *review_words(detail)))


def fact_words(name: str) -> str:
    """Return the word for a fact of an incident."""
    return {
        "title": _("title"),
        "description": _("description"),
        "category": _("category"),
        "grade": _("grade"),
        "sector": _("sector"),
        "region": _("region"),
        "campaign": _("campaign"),
        "tlp": _("sharing"),
        "occurred_at": _("occurred"),
        "detected_at": _("detected"),
        "indicators": _("indicators"),
    }[name]


def _value(name: str, value: Any) -> str:
    if value in (None, ""):
        return "–"
    if name == "grade":
        return ROMAN.get(value, str(value))
    if name == "category":
        return category_words(str(value))
    if name in {"sector", "region"}:
        return sector_words(str(value)) if name == "sector" else region_words(str(value))
    if name.endswith("_at"):
        return i18n.full(dt.datetime.fromisoformat(str(value)), zone())
    return str(value)


CHANGE_SENTENCES: Final[Mapping[str, Saying]] = {
    "incident.changed": _changed,
    "incident.systems_changed": _systems_changed,
    "incident.grade_decided": _graded,
    "incident.grade_proposed": _graded,
}
