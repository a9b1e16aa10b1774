"""Access to systems and maintenance windows: people of a department see the systems that it owns."""

from collections.abc import Sequence

from incident.core.values.identifier import is_code
from incident.store.db.database import db
from incident.store.incidents import lookups
from incident.store.systems import systems
from incident.store.systems.systems import System
from incident.store.systems.windows import MaintenanceWindow
from incident.web.security import access


def owners_shown() -> frozenset[int] | None:
    """Return the departments whose systems the caller may see, None for all: people of a department see its own."""
    if access.viewer().role != "department":
        return None
    return frozenset(one for one in access.viewer().department_ids if isinstance(one, int))


def visible_system(code: str) -> System:
    """Return a system by its code that the caller may see; raises NotFound."""
    return access.require_visible(system_or_none(code))


def system_or_none(code: str | None) -> System | None:
    """Return a system by its code that the caller may see, None when there is none."""
    row = systems.system_by_code(code) if code and is_code(code) else None
    return None if row is None or not access.is_own(row.department_id) else row


def visible_numbers(incident_ids: Sequence[int]) -> dict[int, str]:
    """Return the numbers of those of some incidents that the caller may see, by id."""
    return {one.id: one.number for one in lookups.incidents_by_id(incident_ids).values() if access.may_see(one)}


def visible_window(window_id: int) -> MaintenanceWindow:
    """Return a maintenance window; raises NotFound."""
    return access.require_visible(db.session.get(MaintenanceWindow, window_id))
