"""Seals the contact of a reporter before anything is written, and stores what was sealed."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from incident.actions.reports.protected_identities import ProtectedField, current_custody, protect, store_shares
from incident.actions.unit_of_work import UnitOfWork, retry_on_conflict, transaction
from incident.core.reports.custody import sealed_binding
from incident.core.reports.identity import asks_for_protection, protection_of
from incident.core.reports.kinds import Protection
from incident.core.values.faults import RuleError
from incident.identity_key import IdentityKey
from incident.store.db.database import db
from incident.store.operations import instance
from incident.store.reports.identities import ReportIdentity
from incident.store.reports.reports import Report

INSTANCE: Final = "identity_instance"
"""The instance setting with the random id that everything sealed is bound to; addresses of a program change."""


@dataclass(frozen=True)
class SealedContact:
    """What is stored of a contact: its class, the UUID of the report, and each field sealed.

    `custodian_set` and the shares in `fields` belong to the protected class. `is_text_sealed` when protection was asked
    for: the text is sealed as well, with or without a contact.
    """

    protection: Protection = "anonymous"
    report_uuid: str = ""
    fields: Mapping[str, ProtectedField] = field(default_factory=dict)
    custodian_set: int | None = None
    is_text_sealed: bool = False


ANONYMOUS: Final = SealedContact()


def seal_contact(
    contact: Mapping[str, str],
    asked: str | None,
    usual: str | None,
    key: IdentityKey,
    now: dt.datetime,
    passages: Mapping[str, str] = MappingProxyType({}),
    report_uuid: str = "",
) -> SealedContact:
    """Return a contact with every field sealed, and passages of the text in the same way.

    Args:
        contact: the fields that were given, cleaned; none for an anonymous report.
        asked: the class that the reporter asks for, None for the usual one.
        usual: the class that the category asks for.
        key: seals the routine class.
        now: when (UTC).
        passages: what was taken out of the text, by the name of its field.
        report_uuid: that of a report which has sealed fields already; drawn for a new one.

    Raises:
        RuleError: `identity.anonymous_contact`, `custody.not_set_up`, `custody.passage_not_set_up`: nothing is sealed
            lower instead.
    """
    protection = protection_of(contact, asked, usual, passages)
    if protection == "anonymous":
        return SealedContact(is_text_sealed=asks_for_protection(asked, usual))
    here, report = identity_instance(now), report_uuid or str(uuid.uuid4())
    given = {**contact, **passages}
    if protection == "sealed":
        sealed = {name: key.close(text, sealed_binding(here, report, name)) for name, text in given.items()}
        return SealedContact(protection, report, {name: ProtectedField(one) for name, one in sealed.items()})
    custody = current_custody()
    if custody is None:
        code, place = ("not_set_up", "/contact") if contact else ("passage_not_set_up", "/text")
        raise RuleError(f"custody.{code}", pointer=place)
    fields = {name: protect(text, here, report, name, custody) for name, text in given.items()}
    return SealedContact(protection, report, fields, custody.set_id, is_text_sealed=True)


def store_contact_in(uow: UnitOfWork, report: Report, contact: SealedContact) -> None:
    """Store a sealed contact within the caller's transaction."""
    report.protection = contact.protection
    for name, sealed in contact.fields.items():
        row = ReportIdentity(report_id=report.id, report_uuid=contact.report_uuid, field=name, sealed=sealed.sealed)
        row.sealed_at, row.custodian_set = uow.now, contact.custodian_set
        db.session.add(row)
        db.session.flush()
        store_shares(row, sealed)


def identity_instance(now: dt.datetime) -> str:
    """Return the id of the instance that sealed values are bound to; drawn at its first use."""
    return instance.instance_setting(INSTANCE) or retry_on_conflict(lambda: _draw_instance(now))


def _draw_instance(now: dt.datetime) -> str:
    with transaction("public", now):
        kept: str | None = instance.instance_setting(INSTANCE)
        if kept is None:
            kept = str(uuid.uuid4())
            instance.put_instance_setting(INSTANCE, kept)
    return kept
