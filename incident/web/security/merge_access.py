"""Access to merges: both incidents must be visible, and one that is not does not exist."""

from incident.core.values.faults import RuleError
from incident.core.values.identifier import is_number
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident, incident_by_number
from incident.store.incidents.merges import IncidentMerge, last_merge_of
from incident.web.security import access


def named_survivor(number: str) -> Incident:
    """Return the incident that another one is merged into.

    Raises:
        RuleError: `incident.no_such_number`, also when the caller may not see it.
    """
    found = incident_by_number(number) if is_number(number) else None
    if found is None or not access.may_see(found):
        raise RuleError("incident.no_such_number", {"number": number[:40]}, pointer="/into")
    return found


def last_merge(duplicate: Incident) -> IncidentMerge:
    """Return the last merge of an incident into another one that the caller may see; raises NotFound."""
    return access.require_visible(
        last_merge_of(duplicate.id), lambda merge: access.may_see(db.session.get_one(Incident, merge.survivor_id))
    )


def may_see_merge(merge: IncidentMerge) -> bool:
    """Return whether the caller may see both incidents of a merge."""
    return all(access.may_see(db.session.get_one(Incident, one)) for one in (merge.duplicate_id, merge.survivor_id))
