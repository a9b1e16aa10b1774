"""Serializers that the documents of all resources share."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from incident.core.values.moment import format_moment
from incident.store.directory import departments

Document = dict[str, Any]


def moment(at: dt.datetime | None) -> str | None:
    """Serialize a moment as RFC 3339 in UTC with `Z`."""
    return None if at is None else format_moment(at)


def department_codes(ids: Iterable[int | None]) -> Mapping[int, str]:
    """Return the codes of departments by id."""
    wanted = {one for one in ids if one is not None}
    return {one.id: one.code for one in departments.departments_of(wanted).values()} if wanted else {}
