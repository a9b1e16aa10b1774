"""People and tokens as the API shows them."""

from collections.abc import Sequence

from incident.core.values.moment import format_moment
from incident.store.directory.people import Person
from incident.store.directory.tokens import Token
from incident.web.api.document_parts import Document, department_codes, moment
from incident.web.security.access_log_writer import note_read


def token_documents(rows: Sequence[Token]) -> list[Document]:
    """Serialize tokens without their secrets."""
    codes = department_codes(token.department_id for token in rows)
    return [
        {
            "id": token.id,
            "name": token.name,
            "role": token.role,
            "department": codes.get(token.department_id or 0),
            "source": token.source,
            "created_at": format_moment(token.created_at),
            "revoked_at": moment(token.revoked_at),
        }
        for token in rows
    ]


def person_documents(rows: Sequence[Person]) -> list[Document]:
    """Serialize people who sign in."""
    codes = department_codes(person.department_id for person in rows)
    for person in rows:
        note_read("person", person.id)
    return [
        {
            "id": person.id,
            "login": person.login,
            "name": person.name,
            "role": person.role,
            "department": codes.get(person.department_id or 0),
            "language": person.language,
            "is_active": person.is_active,
            "created_at": format_moment(person.created_at),
            "signed_in_at": moment(person.signed_in_at),
        }
        for person in rows
    ]
