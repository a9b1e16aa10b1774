"""Tokens of programs: created, bound to a source, revoked."""

import datetime as dt
import secrets
from dataclasses import dataclass

from incident.actions.directory.people import department_for, hash_of
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.values.faults import RuleError
from incident.core.values.text import require_name
from incident.store.db.database import db
from incident.store.directory.tokens import Token


@dataclass(frozen=True)
class CreatedToken:
    """A row, and the secret that is returned only once."""

    row: Token
    secret: str


def make_token(
    name: str,
    role: str,
    department: str | None,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> CreatedToken:
    """Create a token for a program; its secret is returned only once.

    Raises:
        RuleError: `role.unknown`, `department.unknown`, `department.needed`, `name.invisible`.
    """
    with transaction(by, now, idempotency) as uow:
        made = add_token(uow, name, role, department)
        uow.store_response(made)
    return made


def add_token(uow: UnitOfWork, name: str, role: str, department: str | None, source: str | None = None) -> CreatedToken:
    """Create a token within the caller's transaction; one of a `source` is accepted only there."""
    require_name(name)
    secret = f"int_{secrets.token_urlsafe(32)}"
    found = department_for(role, department)
    token = Token(
        name=name,
        token_hash=hash_of(secret),
        role=role,
        department_id=None if found is None else found.id,
        source=source,
        created_at=uow.now,
    )
    db.session.add(token)
    db.session.flush()
    facts = {"name": name, "role": role, "department": department} | ({"source": source} if source else {})
    uow.record("token.created", f"token:{token.id}", facts)
    return CreatedToken(token, secret)


def revoke_token(token_id: int, by: str, now: dt.datetime) -> Token:
    """End a token.

    Raises:
        RuleError: `token.unknown` (not found).
    """
    with transaction(by, now) as uow:
        token = db.session.get(Token, token_id)
        if token is None:
            raise RuleError("token.unknown", {"id": token_id}, kind="not_found")
        end_token(uow, token)
    return token


def end_token(uow: UnitOfWork, token: Token) -> None:
    """Revoke a token within the caller's transaction."""
    if token.revoked_at is None:
        token.revoked_at = uow.now
        uow.record("token.revoked", f"token:{token.id}", {"name": token.name})
