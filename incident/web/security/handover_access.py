"""Access to shift handovers for both people of each and for coordinators, and to their lists."""

from collections.abc import Mapping
from typing import Any, Final

from werkzeug.exceptions import Forbidden

from incident.core.values.access import may
from incident.store.db.database import db
from incident.store.directory.people import Person
from incident.store.duty.handovers import ShiftHandover
from incident.store.queries.handover_lists import LISTS, numbers_seen
from incident.web.security import access
from incident.web.security.auth import require_caller

OVERSEES: Final = "rota.write"
"""The permission of those who may read the handovers of others."""


def visible_handover(handover_id: int) -> ShiftHandover:
    """Return a handover that the caller gave or got, or any for a coordinator; raises NotFound."""
    return access.require_visible(db.session.get(ShiftHandover, handover_id), _may_see)


def _may_see(row: ShiftHandover) -> bool:
    asking = require_caller()
    is_own = asking.person_id is not None and asking.person_id in (row.from_person_id, row.to_person_id)
    return is_own or may(asking.viewer.role, OVERSEES)


def giving_person() -> Person:
    """Return the caller as a person who hands over; raises Forbidden for a program."""
    person_id = require_caller().person_id
    if person_id is None:
        raise Forbidden
    return db.session.get_one(Person, person_id)


def shown_lists(row: ShiftHandover) -> Mapping[str, Any]:
    """Return the lists of a handover without the incidents that the caller may not see now."""
    lists: dict[str, list[dict[str, Any]]] = {name: row.snapshot[name] for name in LISTS}
    seen = numbers_seen(access.viewer(), [one["number"] for rows in lists.values() for one in rows])
    kept = {name: [one for one in rows if one["number"] in seen] for name, rows in lists.items()}
    return kept | {"reports": row.snapshot["reports"] if may(access.viewer().role, "report.read") else None}
