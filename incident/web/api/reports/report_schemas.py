"""Schemas of reports."""

from marshmallow import Schema, fields

from incident.core.reports.handling import HANDLING_STEPS
from incident.core.reports.kinds import CHANNELS, EMERGENCIES, KINDS, PROTECTIONS
from incident.core.reports.states import STATES
from incident.store.reports.report_messages import MESSAGE_KINDS, SENDERS
from incident.web.api import schema_parts


class ReportItem(Schema):
    """A report from a member of the public."""

    id = schema_parts.number()
    state = schema_parts.text(enum=list(STATES))
    kind = schema_parts.text(enum=list(KINDS))
    category = schema_parts.maybe("of public reports, of GB/T 20986-2023, or a word of the sender")
    text = schema_parts.maybe("null where it is sealed: read the one report")
    url = schema_parts.maybe()
    occurred_at = schema_parts.maybe_at()
    loss = schema_parts.maybe_number("in whole units of the currency")
    evidence = schema_parts.maybe("of a claim: what proves it")
    is_stated_true = schema_parts.truth("of a claim: the reporter confirmed that it is true")
    emergency = schema_parts.maybe("danger to life, or money sent within the last hours", enum=[*EMERGENCIES, None])
    channel = schema_parts.text(enum=list(CHANNELS))
    protection = schema_parts.text("how the reporter's identity is protected", enum=list(PROTECTIONS))
    is_text_sealed = schema_parts.truth("text, address and evidence are sealed: lists and search do without them")
    is_about_unit = schema_parts.truth("about this office or a department of it: read only by the people named for it")
    taken_at = schema_parts.maybe_at("when a call, a letter or a visit came that the desk entered")
    received_at = schema_parts.at()
    withdrawn_at = schema_parts.maybe_at("when the reporter withdrew it")


class ReportOut(ReportItem):
    """A report and the incidents it belongs to."""

    incidents = schema_parts.list_of(fields.String(), "numbers")


class DeskMessage(Schema):
    """A message of the mailbox, as the desk sees it."""

    id = schema_parts.number()
    sender = schema_parts.text(enum=list(SENDERS))
    kind = schema_parts.text(enum=list(MESSAGE_KINDS))
    text = schema_parts.text()
    sent_at = schema_parts.at()
    written_by = schema_parts.maybe("who of the desk wrote it")


class BackupOfPassage(Schema):
    """A backup that still holds a passage."""

    name = schema_parts.text("of the file, without its folder")
    made_at = schema_parts.at()


class SealedPassage(Schema):
    """A passage that was sealed after the report was stored."""

    field = schema_parts.text("its name among the sealed contact details")
    marked_at = schema_parts.at()
    marked_by = schema_parts.text()
    erased_at = schema_parts.maybe_at("when the disk of the database was cleared of it")
    incidents = schema_parts.list_of(fields.String(), "numbers of incidents whose texts or journal still say it")
    backups = schema_parts.list_of(BackupOfPassage, "made since the report came in: they still hold it")


class StepTaken(Schema):
    """A step that was taken with a report."""

    step = schema_parts.text(enum=list(HANDLING_STEPS))
    before = schema_parts.text(enum=list(STATES))
    after = schema_parts.text(enum=list(STATES))
    outcome = schema_parts.maybe("what the verification found, or the review decided")
    reason = schema_parts.maybe("for the record; the reporter does not read it")
    recipient = schema_parts.maybe("to whom it was handed over")
    into = schema_parts.maybe_number("the report that it was merged with")
    taken_by = schema_parts.text()
    taken_at = schema_parts.at()


class ReportWithMessages(ReportOut):
    """A report, its incidents and its mailbox."""

    contact_fields = schema_parts.list_of(fields.String(), "contact details that are sealed, by name")
    passages = schema_parts.list_of(SealedPassage, "sealed after the report was stored")
    messages = schema_parts.list_of(DeskMessage)
    steps = schema_parts.list_of(StepTaken, "taken, the oldest first")
    possible_steps = schema_parts.list_of(fields.String(), "that can be taken now")


class ProofOut(Schema):
    """A signed proof of receipt."""

    certificate = fields.Dict(required=True, metadata={"description": "type, sha256, salt, instance, minute"})
    signature = fields.Dict(required=True)


class ReceiptOut(Schema):
    """The code with which a reporter returns; shown once."""

    receipt = schema_parts.text("16 digits", example="4071223398150042", pattern="^[0-9]{16}$")
    proof = fields.Nested(ProofOut, required=True)
    protection = schema_parts.text("how the reporter's identity is protected", enum=list(PROTECTIONS))


class MailboxMessage(Schema):
    """A message of the mailbox, as the reporter sees it; one's own are without text."""

    id = schema_parts.number()
    sender = schema_parts.text(enum=list(SENDERS))
    kind = schema_parts.text(enum=list(MESSAGE_KINDS))
    text = schema_parts.maybe("null for what the reporter wrote: whoever finds the receipt must not read it")
    sent_at = schema_parts.at()


class ReportProgress(Schema):
    """The progress of a report, and nothing that identifies anybody."""

    state = schema_parts.text(enum=list(STATES))
    is_withdrawn = schema_parts.truth()
    is_waiting_for_reader = schema_parts.truth("about this office, and nobody has been named yet who may read it")
    messages = schema_parts.list_of(MailboxMessage)


class Verified(Schema):
    """What a proof of receipt is worth."""

    is_genuine = schema_parts.truth()
    minute = schema_parts.maybe_at("when the report was received, to the minute")
    instance = schema_parts.maybe("the address of the program that received it")
