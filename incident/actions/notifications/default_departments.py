"""Default departments: those that the routing rules name for what no rule matches."""

from collections.abc import Sequence

from incident.store.directory import departments
from incident.store.directory.departments import Department
from incident.store.incidents import rules as rule_sets


def default_departments() -> Sequence[Department]:
    """Return the default departments of the rules in force that exist, in the order of the rules."""
    book = rule_sets.rules_in_force()
    codes: Sequence[str] = (book.fallback or {}).get("departments", []) if book is not None else []
    known = departments.departments_by_codes(codes)
    return [known[code] for code in codes if code in known]
