"""Seals a passage of a stored report, and clears the disk of it afterwards."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from incident.actions.reports.identities import identity_instance, seal_contact, store_contact_in
from incident.actions.reports.sealed_texts import (
    ReportTexts,
    message_text,
    put_message_text,
    put_step_reason,
    put_texts,
    step_reason,
    texts_of,
)
from incident.actions.unit_of_work import Idempotency, UnitOfWork, transaction
from incident.core.reports.identifying import (
    PASSAGE,
    next_passage_number,
    read_passage,
    replace_passage,
)
from incident.core.reports.identity import identity_of
from incident.core.values.faults import RuleError, refuse_stale
from incident.identity_key import IdentityKey
from incident.store.db import erasing
from incident.store.db.database import db
from incident.store.incidents.incidents import lock_incident
from incident.store.operations.backups import MadeBackup, backups_between
from incident.store.queries import search
from incident.store.queries.passage_places import incidents_that_say, indicators_with
from incident.store.reports.identities import identities_of, note_handler
from incident.store.reports.marked_passages import MarkedPassage, waiting_passages
from incident.store.reports.report_messages import all_messages_of
from incident.store.reports.report_steps import steps_of_report
from incident.store.reports.reports import Report, incidents_around, lock_report

MOST_NAMED = 20
"""Names of backups that the journal holds; their number is beside them."""

TABLES = ("reports", "report_words", "report_messages", "report_steps", "report_identities")
INDICATOR_TABLES = ("indicators", "incident_words")


@dataclass(frozen=True)
class ChosenPassage:
    """A passage as somebody chose it: by its words, or by its place in the text of the report."""

    text: str | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class PassageSealed:
    """A passage that was marked, and the backups that still hold it."""

    row: MarkedPassage
    backups: Sequence[MadeBackup]


def mark_passage(
    report_id: int,
    chosen: ChosenPassage,
    usual: str | None,
    key: IdentityKey,
    by: str,
    now: dt.datetime,
    idempotency: Idempotency | None = None,
    version: int | None = None,
) -> PassageSealed:
    """Seal a passage of a stored report as its next field, and replace it by its number.

    Text, address, evidence, messages of the mailbox and reasons of steps are rewritten wherever they say it. Indicators
    of the incidents of the report that hold it are removed.

    Args:
        report_id: the report.
        chosen: the passage.
        usual: the class that the category of the report asks for, where the report has none yet.
        key: seals the routine class.
        by: who.
        now: when (UTC).
        idempotency: the caller's key.
        version: the version that the caller has read; None for any.

    Raises:
        RuleError: `version.stale`, `document.missing`, `passage.outside`, `passage.too_short`, `passage.sealed_before`,
            `passage.not_found`, `custody.passage_not_set_up`: nothing is changed then.
    """
    identity_instance(now)  # drawn before the transaction at its first use
    with transaction(by, now, idempotency) as uow:
        erasing.overwrite_freed()
        for incident_id in sorted(one.id for one in incidents_around(report_id)):
            lock_incident(incident_id)  # before the report, as every use case on an incident does
        report = lock_report(report_id)
        refuse_stale(report.version, version)
        texts = texts_of(report)
        passage = read_passage(texts.text, chosen.text, chosen.start, chosen.end)
        fields = identities_of(report_id)
        number = next_passage_number([one.field for one in fields])
        sealed = seal_contact(
            {},
            _class_of(report),
            usual if report.protection == "anonymous" else None,
            key,
            now,
            {f"{PASSAGE}{number}": passage},
            fields[0].report_uuid if fields else "",
        )
        if not _rewrite(report, texts, passage, number, is_sealed=sealed.is_text_sealed):
            raise RuleError("passage.not_found", pointer="/text")
        store_contact_in(uow, report, sealed)
        has_indicators = _remove_indicators(uow, report_id, passage)
        row = MarkedPassage(report_id=report_id, field=f"{PASSAGE}{number}", marked_at=now, marked_by=by)
        row.incidents, row.has_indicators = list(incidents_that_say(report_id, passage)), has_indicators
        db.session.add(row)
        report.version += 1
        note_handler(report_id, identity_of(by))
        backups = backups_between(report.received_at, now)
        detail = {"field": row.field, "backups": len(backups), "names": [one.name for one in backups[-MOST_NAMED:]]}
        uow.record("report.passage_sealed", f"report:{report_id}", detail)
        done = PassageSealed(row, backups)
        db.session.flush()
        uow.store_response(done)
    return done


def clear_passages(now: dt.datetime) -> bool:
    """Clear the disk of the database of the passages that wait for it; return whether none is left waiting."""
    with transaction("reports", now):
        waiting = [one.id for one in waiting_passages()]
        tables = (*TABLES, *INDICATOR_TABLES) if any(one.has_indicators for one in waiting_passages()) else TABLES
        erasing.overwrite_freed()
        for index in set(tables) & {"report_words", "incident_words"} if waiting else ():
            erasing.merge_words(index)
    if not waiting:
        return True
    db.session.remove()
    if not erasing.clear_free_space(db.engine, tables):
        return False
    with transaction("reports", now):
        for row in waiting_passages():
            if row.id in waiting:
                row.erased_at = now
    return True


def _class_of(report: Report) -> str | None:
    if report.protection != "anonymous":
        return report.protection
    return "protected" if report.sealed_texts is not None else None


def _rewrite(report: Report, texts: ReportTexts, passage: str, number: int, *, is_sealed: bool) -> bool:
    """Replace the passage in the report, its messages and its steps; return whether anything says it."""
    said = {name: value for name, value in vars(texts).items() if value is not None}
    changed = {name: replace_passage(value, passage, number) for name, value in said.items()}
    is_found = changed != said
    put_texts(report, replace(texts, **changed), is_sealed=is_sealed or report.sealed_texts is not None)
    search.file_report(report, search.terms_of([report.text, report.url, report.category]))
    for message in all_messages_of(report.id):
        before = message_text(message)
        after = replace_passage(before, passage, number)
        if after != before:
            put_message_text(message, after)
            is_found = True
    for step in steps_of_report(report.id):
        reason = step_reason(step)
        if reason and (without := replace_passage(reason, passage, number)) != reason:
            put_step_reason(step, without)
            is_found = True
    return is_found


def _remove_indicators(uow: UnitOfWork, report_id: int, passage: str) -> bool:
    by_incident: dict[int, list[str]] = {}
    for row in indicators_with(report_id, passage):
        by_incident.setdefault(row.incident_id, []).append(row.kind)
        db.session.delete(row)
    db.session.flush()
    for incident_id, kinds in by_incident.items():
        incident = lock_incident(incident_id)
        search.file_change(incident, search.terms_after(incident_id, search.Change()))
        incident.changed_at = uow.now
        incident.version += 1
        detail = {"removed": [{"kind": one} for one in kinds]}
        uow.record("incident.indicators_changed", f"incident:{incident.number}", detail, incident.number)
    return bool(by_incident)
