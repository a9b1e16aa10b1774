"""The check values of keys in use, and samples of values that they have sealed.

Every function takes a connection: a command checks before there is a session, and before the schema is migrated.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, func, inspect, null, select

from incident.store.delivery.subscriptions import Subscription
from incident.store.directory.departments import Contact
from incident.store.directory.devices import PushDevice, PushKey
from incident.store.incidents.evidence import Evidence
from incident.store.incidents.signatures import SourceSignature
from incident.store.journal.journal import Entry
from incident.store.operations.instance import IdempotencyRecord, InstanceSetting, Secret, put_instance_setting
from incident.store.reports.report_messages import ReportMessage
from incident.store.reports.report_steps import ReportStep
from incident.store.reports.reports import Report

KEY_CHECKS = "key_checks"
"""The instance setting with the check value of each key in use, by the key's name."""

SAMPLES = 200
"""Number of sealed values of each kind that are checked where no check value is known yet."""


class Sealed(NamedTuple):
    """A sealed value and its place: its table, and the row's identifier; of a secret, the places it is for."""

    table: str
    row: str
    value: str
    places: str | None = None


def key_checks(connection: Connection) -> Mapping[str, str]:
    """Return the check values by key; none of a database without tables, or of one from before they existed."""
    if not inspect(connection).has_table(InstanceSetting.__tablename__):
        return {}
    found = connection.execute(select(InstanceSetting.value).where(InstanceSetting.name == KEY_CHECKS)).scalar()
    return {} if found is None else dict(found["value"])


def put_key_checks(checks: Mapping[str, str]) -> None:
    """Write the check values by key."""
    put_instance_setting(KEY_CHECKS, dict(checks))


SEALED = (
    Secret.sealed,
    Contact.sealed_secret,
    Contact.old_sealed_secret,
    SourceSignature.sealed_secret,
    SourceSignature.old_sealed_secret,
    Subscription.sealed_secret,
    Subscription.old_sealed_secret,
    Evidence.sealed_key,
    PushDevice.sealed_endpoint,
    PushDevice.sealed_keys,
    PushKey.sealed_private_key,
    IdempotencyRecord.sealed_response,
    Report.sealed_texts,
    ReportMessage.sealed_text,
    ReportStep.sealed_reason,
)
"""All columns with sealed values, which begin with the name of their key and a point."""


def sealed_under(connection: Connection, name: str) -> int:
    """Return how many values in the database a key has sealed.

    Args:
        connection: to the database.
        name: of the key.
    """
    counted = [select(func.count()).where(column.startswith(f"{name}.")) for column in SEALED]
    return sum(connection.execute(one).scalar_one() for one in counted)


def left_under(connection: Connection, name: str) -> int:
    """Return how many values in the database a key has sealed, or signed with a signature that must remain valid."""
    signed = select(func.count()).where(IdempotencyRecord.request_hash.startswith(f"{name}~"))
    receipts = select(func.count()).where(Report.receipt_hash.startswith(f"{name}~"))
    found = [connection.execute(one).scalar_one() for one in (signed, receipts)]
    return sealed_under(connection, name) + sum(found)


def is_unused(connection: Connection) -> bool:
    """Whether the database is unused: every action is in the journal."""
    if not inspect(connection).has_table(Entry.__tablename__):
        return True
    return connection.execute(select(func.max(Entry.seq))).scalar() is None


def samples(connection: Connection) -> Iterator[Sealed]:
    """Yield sealed values, the newest of each kind first."""
    if not inspect(connection).has_table(Secret.__tablename__):
        return
    has_places = any(one["name"] == "places" for one in inspect(connection).get_columns(Secret.__tablename__))
    places = Secret.places if has_places else null()  # none before the migration that adds them
    for name, value, given in connection.execute(select(Secret.name, Secret.sealed, places).limit(SAMPLES)):
        yield Sealed("secrets", name, value, given)
    hooks = select(Contact.id, Contact.sealed_secret).where(Contact.sealed_secret.is_not(None))
    for contact_id, secret in connection.execute(hooks.order_by(Contact.id.desc()).limit(SAMPLES)):
        yield Sealed("contacts", str(contact_id), secret or "")
    if inspect(connection).has_table(SourceSignature.__tablename__):  # none before the migration that adds it
        signing = select(SourceSignature.source, SourceSignature.sealed_secret).limit(SAMPLES)
        for source, secret in connection.execute(signing):
            yield Sealed("source_signatures", source, secret)
    kept = select(IdempotencyRecord.owner, IdempotencyRecord.key, IdempotencyRecord.sealed_response).order_by(
        IdempotencyRecord.id.desc()
    )
    for owner, key, value in connection.execute(kept.limit(SAMPLES)):
        yield Sealed("idempotency_keys", f"{owner}:{key}", value)
