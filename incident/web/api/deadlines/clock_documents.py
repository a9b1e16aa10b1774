"""Documents of statutory clocks, of what they start with, and of filings."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final, get_args

from marshmallow import Schema, fields

from incident.actions.regime_versions import regime_at
from incident.actions.report_recipients import RecipientDirectory, recipient_directory
from incident.core.deadlines.clocks import OPEN_STATES, ClockState
from incident.core.deadlines.filing import FILING_CHANNELS, LATE_REASONS
from incident.core.notifications.notice import STATES as NOTICE_STATES
from incident.core.values.moment import format_moment
from incident.store.approvals import APPROVAL_STATES, TwoPersonRecord
from incident.store.deadlines import clock_rows
from incident.store.deadlines.clock_rows import ClockEventRecord, Filing, IncidentClock
from incident.store.deadlines.figures import confirmed_hashes
from incident.store.deadlines.filing_revocations import FilingRevocation, revocations_of
from incident.store.incidents.incidents import Incident
from incident.store.notifications import notices
from incident.store.notifications.notices import Notice
from incident.web.api import schema_parts
from incident.web.api.deadlines.regimes import RecipientOut, recipient_documents
from incident.web.api.document_parts import Document, department_codes, moment
from incident.web.instance import now
from incident.web.security import access
from incident.web.security.document_access import shown_document

STATES = list(get_args(ClockState))


_BECAUSE: Final = {"properties": {"code": {"type": "string"}}, "required": ["code"], "example": {"code": "aware"}}


class EvidenceOut(Schema):
    """A file that proves a filing."""

    name = schema_parts.text()
    sha256 = schema_parts.text()


class LateOut(Schema):
    """Why a filing is late."""

    reason_code = schema_parts.text(enum=list(LATE_REASONS))
    text = schema_parts.text()


class RevocationOut(Schema):
    """A revocation of a filing that was recorded by mistake; it takes effect when a second person confirms it."""

    id = schema_parts.number()
    filing = schema_parts.number()
    state = schema_parts.text(enum=list(APPROVAL_STATES))
    reason = schema_parts.maybe()
    content_hash = schema_parts.text("SHA-256 of the record")
    recorded_at = schema_parts.at()
    recorded_by = schema_parts.text()
    confirmed_at = schema_parts.maybe_at()
    confirmed_by = schema_parts.maybe("the second person")
    declined_at = schema_parts.maybe_at()
    declined_by = schema_parts.maybe("the second person who declined it")
    decline_reason = schema_parts.maybe()


class FilingOut(Schema):
    """A filing; one without receipt number and evidence is not proved, an oral one leaves the clock running.

    One that was revoked or returned by the authority ends its clock no longer.
    """

    id = schema_parts.number()
    channel = schema_parts.text(enum=list(FILING_CHANNELS))
    at = schema_parts.at()
    to = schema_parts.text()
    departments = schema_parts.list_of(fields.String(), "codes of the departments here that received it")
    oral = schema_parts.truth()
    proved = schema_parts.truth()
    receipt_number = schema_parts.maybe()
    evidence = schema_parts.list_of(EvidenceOut)
    late = fields.Nested(LateOut, required=True, allow_none=True)
    document = schema_parts.maybe_number("the signed document that was filed")
    recorded_at = schema_parts.at()
    by = schema_parts.text()
    returned_at = schema_parts.maybe_at("when the authority returned it")
    return_reason = schema_parts.maybe()
    return_recorded_at = schema_parts.maybe_at()
    return_recorded_by = schema_parts.maybe()
    revoked_at = schema_parts.maybe_at("when two people had decided that it was recorded by mistake")
    revocation = fields.Nested(RevocationOut, required=True, allow_none=True)


class DeadlineNoticeOut(Schema):
    """The notice by which a department was warned of a deadline."""

    notice = schema_parts.number()
    department = schema_parts.text()
    state = schema_parts.text(enum=list(NOTICE_STATES))
    acknowledged_at = schema_parts.maybe_at()
    acknowledged_by = schema_parts.maybe()


class ClockOut(Schema):
    """A statutory clock. `due_at` is by the strict reading, `lawful_at` by the rules of counting."""

    id = schema_parts.number()
    incident = schema_parts.text("the number of the incident")
    regime = schema_parts.text(example="cn-cac-cii")
    stage = schema_parts.text(example="first")
    title = fields.Dict(required=True, metadata={"additionalProperties": {"type": "string"}})
    hop = schema_parts.number("2 when it is the recipient's duty")
    duty_department = schema_parts.maybe("the department here that owes it; null with hop 2: it is only watched")
    n = schema_parts.number("counts the clocks of a stage that starts again with each fact")
    state = schema_parts.text(enum=STATES)
    start_at = schema_parts.maybe_at()
    due_at = schema_parts.maybe_at()
    lawful_at = schema_parts.maybe_at()
    percent = schema_parts.maybe_number("of the time that has passed; null unless it runs")
    is_overdue = schema_parts.truth()
    waits_for = schema_parts.maybe("the event without which it has no start")
    because = schema_parts.list_of(fields.Dict(metadata=_BECAUSE), "why it is so: a code, and its arguments")
    to = schema_parts.list_of(RecipientOut)
    reason = schema_parts.maybe("why it was waived or suspended")
    regime_hash = schema_parts.text("SHA-256 of the version of the regime that it started with")
    evidence = schema_parts.text("where the figure is from", enum=["primary", "read", "secondary", "recalled"])
    is_verified = schema_parts.truth("whether the figure was read in the law, or confirmed")
    filings = schema_parts.list_of(FilingOut)
    warned_percent = schema_parts.number("of the time, of which people were warned last: 50, 80, 100; 0 before")
    next_warning_at = schema_parts.maybe_at()
    warned = schema_parts.list_of(DeadlineNoticeOut, "departments that were warned, those that the caller may see")


class ClockEventOut(Schema):
    """Something that clocks start with."""

    id = schema_parts.number()
    kind = schema_parts.text(example="aware")
    at = schema_parts.at()
    who = schema_parts.maybe()
    how = schema_parts.maybe()
    corrects = schema_parts.maybe_number("the record that it takes the place of, or withdraws")
    is_withdrawal = schema_parts.truth()
    reason = schema_parts.maybe()
    state = schema_parts.text(enum=list(APPROVAL_STATES))
    content_hash = schema_parts.text("SHA-256 of the record")
    recorded_at = schema_parts.at()
    recorded_by = schema_parts.text()
    confirmed_at = schema_parts.maybe_at()
    confirmed_by = schema_parts.maybe("the second person")
    declined_at = schema_parts.maybe_at()
    declined_by = schema_parts.maybe("the second person who declined it")
    decline_reason = schema_parts.maybe()


class ClocksOut(Schema):
    """The clocks of an incident, with what they start with."""

    items = schema_parts.list_of(ClockOut)
    aware_at = schema_parts.maybe_at("from which they run")
    handled_at = schema_parts.maybe_at()
    events = schema_parts.list_of(ClockEventOut, "in the order in which they were recorded")


def clocks_document(incident: Incident) -> Document:
    """Serialize the clocks of an incident."""
    events = clock_rows.clock_events_of(incident.id)
    aware = clock_rows.effective_awareness(events)
    return {
        "items": clock_items([(one, incident) for one in clock_rows.clocks_of(incident.id)]),
        "aware_at": None if aware is None else moment(aware.happened_at),
        "handled_at": moment(incident.handled_at),
        "events": [clock_event_document(one) for one in events],
    }


def clock_items(rows: Sequence[tuple[IncidentClock, Incident]]) -> list[Document]:
    """Serialize clocks of incidents, with their filings."""
    filings = clock_rows.filings_of_clocks([clock.id for clock, _ in rows])
    ids, at, confirmed = [clock.id for clock, _ in rows], now(), confirmed_hashes()
    revocations = {one.filing_id: one for one in revocations_of([one.id for one in filings])}
    warned = access.answerable_notices(notices.notices_about_each("clock", ids, "deadline"))
    owing = [clock.duty_department_id for clock, _ in rows if clock.duty_department_id is not None]
    codes, directory = department_codes([*owing, *(one.department_id for one in warned)]), recipient_directory()
    return [
        clock_document(
            clock, incident, [one for one in filings if one.clock_id == clock.id], at, confirmed, directory, revocations
        )
        | {
            "duty_department": codes.get(clock.duty_department_id or 0),
            "warned": [_warned(one, codes) for one in warned if one.subject_id == clock.id],
        }
        for clock, incident in rows
    ]


def clock_document(
    clock: IncidentClock,
    incident: Incident,
    filings: Sequence[Filing],
    at: dt.datetime,
    confirmed: frozenset[str],
    directory: RecipientDirectory,
    revocations: Mapping[int, FilingRevocation],
) -> Document:
    """Serialize a clock at a moment (UTC); `confirmed` are the SHA-256 of figures that administrators confirmed.

    `revocations` are the latest of its filings, by the filing's id.
    """
    stage = regime_at(clock.regime_hash).stage(clock.stage)
    percent = percent_of(clock, at)
    return {
        "id": clock.id,
        "incident": incident.number,
        "regime": clock.regime,
        "stage": clock.stage,
        "title": stage.title,
        "hop": clock.hop,
        "n": clock.n,
        "state": clock.state,
        "start_at": moment(clock.start_at),
        "due_at": moment(clock.due_at),
        "lawful_at": moment(clock.lawful_at),
        "percent": percent,
        "is_overdue": percent is not None and percent >= 100,
        "waits_for": clock.waits_for,
        "because": clock.because,
        "to": recipient_documents(stage, directory),
        "reason": clock.reason,
        "regime_hash": clock.regime_hash,
        "evidence": stage.evidence,
        "is_verified": stage.is_verified or stage.figure_hash in confirmed,
        "filings": [filing_document(one, revocations.get(one.id)) for one in filings],
        "warned_percent": clock.warned_percent,
        "next_warning_at": moment(clock.warn_at),
    }


def _warned(notice: Notice, codes: Mapping[int, str]) -> Document:
    return {
        "notice": notice.id,
        "department": codes[notice.department_id],
        "state": notice.state,
        "acknowledged_at": moment(notice.acknowledged_at),
        "acknowledged_by": notice.acknowledged_by,
    }


def percent_of(clock: IncidentClock, at: dt.datetime) -> int | None:
    """Return how much of the time of a clock that runs has passed, None for another one."""
    if clock.state not in OPEN_STATES or clock.start_at is None or clock.due_at is None:
        return None
    return max(0, int((at - clock.start_at) * 100 / max(clock.due_at - clock.start_at, dt.timedelta(seconds=1))))


def filing_document(row: Filing, revocation: FilingRevocation | None = None) -> Document:
    """Serialize a filing, with the latest proposal to revoke it."""
    return {
        "id": row.id,
        "channel": row.channel,
        "at": format_moment(row.filed_at),
        "to": row.recipient,
        "departments": [one["department"] for one in row.received_by],
        "oral": row.is_oral,
        "proved": row.is_proved,
        "receipt_number": row.receipt_number,
        "evidence": row.evidence,
        "late": row.late,
        "document": None if (document := shown_document(row.document_id)) is None else document.id,
        "recorded_at": format_moment(row.recorded_at),
        "by": row.recorded_by,
        "returned_at": moment(row.returned_at),
        "return_reason": row.return_reason,
        "return_recorded_at": moment(row.return_recorded_at),
        "return_recorded_by": row.return_recorded_by,
        "revoked_at": moment(row.revoked_at),
        "revocation": None if revocation is None else revocation_document(revocation),
    }


def revocation_document(row: FilingRevocation) -> Document:
    """Serialize the revocation of a filing."""
    return {"id": row.id, "filing": row.filing_id, **_two_person_document(row)}


def clock_event_document(row: ClockEventRecord) -> Document:
    """Serialize something that clocks start with."""
    return {
        "id": row.id,
        "kind": row.kind,
        "at": format_moment(row.happened_at),
        "who": row.who,
        "how": row.how,
        "corrects": row.corrects_id,
        "is_withdrawal": row.is_withdrawal,
        **_two_person_document(row),
    }


def _two_person_document(row: TwoPersonRecord) -> Document:
    return {
        "reason": row.reason,
        "state": row.state_at(now()),
        "content_hash": row.content_hash,
        "recorded_at": format_moment(row.proposed_at),
        "recorded_by": row.proposed_by,
        "confirmed_at": moment(row.confirmed_at),
        "confirmed_by": row.confirmed_by,
        "declined_at": moment(row.declined_at),
        "declined_by": row.declined_by,
        "decline_reason": row.decline_reason,
    }
