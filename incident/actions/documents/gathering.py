"""Facts of an incident in the words of documents."""

import datetime as dt

from incident.core.documents.fact_words import grade_fact, list_fact, moment_fact
from incident.data import category_by_code
from incident.store.deadlines.clock_rows import clock_events_of, effective_awareness
from incident.store.directory.departments import departments_of
from incident.store.incidents.incidents import Incident, departments_on, indicators_of
from incident.store.queries.systems import systems_on


def gather_facts(incident: Incident, now: dt.datetime, zone: dt.tzinfo, language: str) -> dict[str, str | None]:
    """Return the facts of an incident by name; None for those that are not known.

    Args:
        incident: the incident.
        now: the cut-off moment (UTC).
        zone: in which moments are written.
        language: of the document, `zh` or `en`.
    """
    aware = effective_awareness(clock_events_of(incident.id))
    aware_at = None if aware is None else aware.happened_at
    category = category_by_code().get(incident.category or "")
    on_it = departments_on(incident.id)
    named = departments_of(on_it)
    moments = {
        "incident.occurred_at": incident.occurred_at,
        # Who recorded only when it became known has said when it was found.
        "incident.detected_at": incident.detected_at or aware_at,
        "incident.aware_at": aware_at,
        "incident.handled_at": incident.handled_at,
        "document.cut_off": now,
    }
    return {
        "incident.number": incident.number,
        "incident.title": incident.title,
        "incident.category": incident.category if category is None else category.name(language),
        "incident.grade": grade_fact(incident.grade, language),
        "incident.description": incident.description or None,
        "incident.sector": incident.sector,
        "incident.region": incident.region,
        "incident.systems": list_fact([one.name for one in systems_on(incident.id)], language),
        "incident.indicators": list_fact([one.value for one in indicators_of(incident.id)], language),
        "incident.departments": list_fact([named[one].name for one in on_it if one in named], language),
        **{name: moment_fact(at, zone, language) for name, at in moments.items()},
    }
