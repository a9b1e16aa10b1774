"""Systems as the API shows them."""

from collections.abc import Sequence

from incident.core.values.moment import format_moment
from incident.store.queries.systems import SystemOn
from incident.store.systems.systems import System
from incident.web.api.document_parts import Document, department_codes


def system_items(rows: Sequence[System]) -> list[Document]:
    """Serialize systems, each with the code of its owner."""
    owners = department_codes(one.department_id for one in rows)
    return [_document(one, owners.get(one.department_id or 0)) for one in rows]


def system_document(row: System) -> Document:
    """Serialize one system."""
    return system_items([row])[0]


def _document(row: System, owner: str | None) -> Document:
    return {
        "code": row.code,
        "name": row.name,
        "owner": owner,
        "protection_level": row.protection_level,
        "criticality": row.criticality,
        "is_critical_infrastructure": row.is_critical_infrastructure,
        "addresses": row.addresses,
        "names": row.names,
        "note": row.note,
        "is_active": row.is_active,
        "created_at": format_moment(row.created_at),
        "changed_at": format_moment(row.changed_at),
    }


def system_on_document(row: SystemOn) -> Document:
    """Serialize a system of an incident."""
    return {
        "code": row.code,
        "name": row.name,
        "owner": row.owner,
        "protection_level": row.protection_level,
        "criticality": row.criticality,
        "is_critical_infrastructure": row.is_critical_infrastructure,
        "matched_by": row.matched_by,
        "seen": row.seen,
    }
