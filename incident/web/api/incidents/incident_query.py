"""The filters of the list of incidents, as a program states them."""

from typing import Any

from incident.core.incidents.incident import STATUSES
from incident.core.incidents.listing.tabs import SORTS, TABS
from incident.store.directory import departments
from incident.store.directory.people import person_by_login
from incident.store.queries.incident_filter import IncidentFilter
from incident.store.queries.search import search_filter
from incident.web.api import fields
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import Paged
from incident.web.api.fields import Choice, Grade, Text
from incident.web.security import access, system_access


def _nothing() -> None:
    """Return no value; a plain None would be described as a value that may be sent."""


class IncidentFilters(Arguments):
    """Filters and order of the list of incidents."""

    status = Choice(STATUSES, load_default=_nothing)
    grade = Grade(load_default=_nothing)
    category = fields.category(load_default=_nothing)
    sector = fields.area("energy", load_default=_nothing)
    region = fields.area("33", load_default=_nothing)
    campaign = fields.area("HW-2026", load_default=_nothing)
    department = fields.code(load_default=_nothing)
    system = fields.code(load_default=_nothing)
    owner = Text(200, is_line=True, load_default=_nothing, metadata={"description": "the login of the owner"})
    tab = Choice(
        TABS,
        load_default=_nothing,
        metadata={
            "description": "`mine`: open, and owned by the caller or waiting for an answer of their department; "
            "`unanswered`: open, and nobody was notified or a notice is unanswered"
        },
    )
    sort = Choice(
        SORTS,
        load_default=_nothing,
        metadata={"description": "by default incidents that nobody was notified of come first, then the newest"},
    )
    exercise = Choice(
        ("true", "false"), load_default="false", metadata={"description": "the exercises of drills, and nothing real"}
    )
    q = Text(
        500, load_default=_nothing, metadata={"description": "words, Chinese characters, addresses, names, hashes"}
    )
    since = fields.Bound(load_default=_nothing, data_key="from", metadata={"description": "opened at or after"})
    until = fields.Bound(
        is_end=True,
        load_default=_nothing,
        data_key="to",
        metadata={"description": "opened before; a day is meant whole"},
    )


class IncidentQuery(IncidentFilters, Paged):
    """Filters, order and page of the list of incidents."""


def queried_filter(given: dict[str, Any]) -> IncidentFilter | None:
    """Return the filter for incidents; None if it names an unknown department, system or owner."""
    system = system_access.system_or_none(given["system"])
    department = departments.department_by_code(given["department"]) if given["department"] else None
    owner = person_by_login(given["owner"]) if given["owner"] else None
    for name, found in (("system", system), ("department", department), ("owner", owner)):
        if given[name] and found is None:
            return None
    return IncidentFilter(
        status=given["status"],
        grade=given["grade"],
        category=given["category"],
        sector=given["sector"],
        region=given["region"],
        campaign=given["campaign"],
        department_id=None if department is None else department.id,
        system_id=None if system is None else system.id,
        owner_id=None if owner is None else owner.id,
        tab=given["tab"],
        since=given["since"],
        until=given["until"],
        found=search_filter(given["q"], reads_journal=access.is_allowed("journal.read")),
        is_exercise=given["exercise"] == "true",
    )
