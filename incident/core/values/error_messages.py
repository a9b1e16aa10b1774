"""Error messages of the rules, for the message catalogue: a code and its sentence with placeholders.

Each sentence says what is wrong and, where that is not obvious, what to do.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from incident.core.values.address_messages import ADDRESS_FAULT_WORDS
from incident.core.values.approval_messages import APPROVAL_FAULT_WORDS
from incident.core.values.clock_messages import CLOCK_FAULT_WORDS
from incident.core.values.document_file_messages import DOCUMENT_FILE_FAULT_WORDS
from incident.core.values.evidence_messages import EVIDENCE_FAULT_WORDS
from incident.core.values.grading_messages import GRADING_FAULT_WORDS
from incident.core.values.handover_messages import HANDOVER_FAULT_WORDS
from incident.core.values.incident_messages import FACT_FAULT_WORDS
from incident.core.values.insights_messages import INSIGHTS_FAULT_WORDS
from incident.core.values.list_messages import LIST_FAULT_WORDS
from incident.core.values.marking import N_
from incident.core.values.merge_messages import MERGE_FAULT_WORDS
from incident.core.values.official_document_messages import OFFICIAL_DOCUMENT_FAULT_WORDS
from incident.core.values.push_messages import PUSH_FAULT_WORDS
from incident.core.values.report_messages import REPORT_FAULT_WORDS
from incident.core.values.rule_messages import RULE_FAULT_WORDS
from incident.core.values.settings_messages import SETTINGS_FAULT_WORDS
from incident.core.values.source_messages import SOURCE_FAULT_WORDS
from incident.core.values.system_messages import SYSTEM_FAULT_WORDS
from incident.core.values.table_messages import TABLE_FAULT_WORDS
from incident.core.values.task_messages import TASK_FAULT_WORDS

__all__ = ["FAULT_WORDS", "N_", "fill", "say"]


def say(code: str, arguments: Mapping[str, Any], translate: Callable[[str], str] = N_) -> str:
    """Return the sentence for a fault, translated by `translate`; a code without a sentence is returned unchanged."""
    template = FAULT_WORDS.get(code)
    return code if template is None else fill(translate(template), arguments)


def fill(template: str, arguments: Mapping[str, Any]) -> str:
    """Fill in the arguments of a template; lists are joined by commas, and a missing argument stays visible as
    `{name}`.
    """
    return template.format_map(_Shown(arguments))


class _Shown(dict[str, Any]):
    def __init__(self, arguments: Mapping[str, Any]) -> None:
        super().__init__({name: _plain(value) for name, value in arguments.items()})

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple | set | frozenset) else str(value)


FAULT_WORDS: Final = {
    **FACT_FAULT_WORDS,
    **ADDRESS_FAULT_WORDS,
    **INSIGHTS_FAULT_WORDS,
    **PUSH_FAULT_WORDS,
    **LIST_FAULT_WORDS,
    **CLOCK_FAULT_WORDS,
    **SETTINGS_FAULT_WORDS,
    **APPROVAL_FAULT_WORDS,
    **EVIDENCE_FAULT_WORDS,
    **GRADING_FAULT_WORDS,
    **HANDOVER_FAULT_WORDS,
    **MERGE_FAULT_WORDS,
    **DOCUMENT_FILE_FAULT_WORDS,
    **OFFICIAL_DOCUMENT_FAULT_WORDS,
    **REPORT_FAULT_WORDS,
    **RULE_FAULT_WORDS,
    **SOURCE_FAULT_WORDS,
    **SYSTEM_FAULT_WORDS,
    **TABLE_FAULT_WORDS,
    **TASK_FAULT_WORDS,
    "answer.malformed": N_(
        "An answer must be one of {results}, an object with result, after and variables, or a list of these."
    ),
    "answer.no_clock": N_("Only a step that waits for a report to be filed can be not applicable."),
    "answer.step_unknown": N_("The playbook has no step with this id or name that asks for an answer."),
    "alerts.too_many": N_(
        "This token sends more than {per_second} alerts a second. No alert was accepted. Send them again in "
        "{seconds} seconds."
    ),
    "alert.too_many_labels": N_("There are too many labels. Send at most {most}."),
    "area.malformed": N_("A sector, region or campaign must be 1 to {limit} characters on one line."),
    "calendar.no_year": N_("Enter a year, such as 2026."),
    "calendar.other_year": N_("This day is not in {year}."),
    "calendar.unknown": N_("There is no working calendar {given}. Choose one of: {known}."),
    "category.malformed": N_("A category must be 1 to {limit} characters on one line."),
    "code.malformed": N_("A code must be 1 to {limit} letters, digits, dots, hyphens or underscores."),
    "contact.check_every": N_("The time between two checks of a contact must be between {least} and {most}."),
    "contact.confirm_within": N_("The time to confirm a test must be between {least} and {most}."),
    "contact.confirms_nothing": N_("No person reads the messages to this contact, so no one could confirm a test."),
    "contact.has_no_secret": N_("The secret of this contact was not made here. To change it, add the contact again."),
    "contact.switched_off": N_("This contact is switched off. Nothing is sent to it."),
    "contact.unknown": N_("There is no contact {id}."),
    "cursor.unknown": N_("The cursor is not valid. Start again without it."),
    "daytime.empty": N_("The start and the end of a period of the day must be different."),
    "daytime.malformed": N_("Enter a time of day, such as {example}."),
    "day.malformed": N_("Enter a date, such as {example}."),
    "demonstration.not_empty": N_(
        "This home already contains departments, people or incidents. The demonstration needs an empty one: "
        "set INCIDENT_HOME to another folder."
    ),
    "demonstration.unsigned": N_(
        "The demonstration starts playbooks without a signature: set INCIDENT_UNSIGNED_PLAYBOOKS to 1."
    ),
    "department.exists": N_("Another department has the code {code}. Choose a different code."),
    "department.loop": N_(
        "The department {code} is this department or below it. Choose a different parent department."
    ),
    "department.needed": N_("Choose a department for this role."),
    "department.name_shared": N_("More than one department is called {code}. Enter the code of the one you mean."),
    "department.unknown": N_("There is no department with the code {code}."),
    "document.does_not_fit": N_("The value does not have the expected form."),
    "document.is_null": N_("The value must not be null. Leave it out, or give a value."),
    "document.missing": N_("Enter a value."),
    "document.no_body": N_("The request has no body. Send the body described for this address."),
    "document.not_a_choice": N_("Choose one of: {choices}."),
    "document.not_a_list": N_("The value must be a list of at most {most} items."),
    "document.not_a_number": N_("Enter a whole number."),
    "document.not_a_text": N_("The value must be a text that is not empty."),
    "document.not_a_truth": N_("The value must be true or false."),
    "document.not_an_object": N_("The value must be a JSON object."),
    "document.out_of_bounds": N_("Enter a number from {least} to {most}."),
    "document.too_deep": N_("The value is nested too deeply. The limit is {most} levels."),
    "document.too_large": N_("There are too many values. The limit is {most}."),
    "document.unknown_field": N_("The field is not known. The fields here are: {known}."),
    "drill.has_ended": N_("The drill has already ended."),
    "drill.speed": N_("The speed of a drill must be a whole number from 1 to {most}."),
    "drill.unknown": N_("There is no drill {id}."),
    "duration.malformed": N_("Enter a length of time, such as {example}, without years or months."),
    "event.length": N_("The event must end after it starts, and last at most {most} days."),
    "event.long_ago": N_("The event started to repeat too long ago. Let it start within the last 20 years."),
    "event.malformed": N_("The event cannot be read ({why})."),
    "event.no_end": N_("The event needs an end (DTEND) or a length (DURATION), of the same kind as its start."),
    "event.no_start": N_("The event needs a start (DTSTART)."),
    "event.nobody": N_("The event names no one. Put the sign-in name in SUMMARY, or the email address in ATTENDEE."),
    "event.person_unclear": N_("Several people are called {who}. Use the sign-in name instead."),
    "event.person_unknown": N_(
        "No one is known as {who}. Use a sign-in name, a name, or an email address from their contacts."
    ),
    "event.rule": N_(
        "Events may repeat by day, week, month or year, with INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY or BYMONTH."
    ),
    "event.rules": N_("The event has several rules of repetition. Use one event for each rule."),
    "grade.unknown": N_("The grade must be one of {grades}. 1 is the most serious."),
    "icalendar.events": N_("The file must contain 1 to {most} events. At most {repeating} of them may repeat."),
    "icalendar.times": N_(
        "The events take place more than {most} times. Let them end sooner, or import them in parts."
    ),
    "icalendar.zone": N_(
        "The time zone {zone} in the file is not supported. Save the file with the name of a place as the "
        "time zone, such as Asia/Shanghai."
    ),
    "icalendar.too_large": N_("The file is too large. The limit is {limit} bytes and {lines} lines."),
    "icalendar.unreadable": N_("This is not an iCalendar file ({why})."),
    "hashing.busy": N_("Many people are signing in at the moment. Wait, then try again."),
    "idempotency_key.malformed": N_(
        "An Idempotency-Key must be 1 to {limit} visible ASCII characters, without spaces."
    ),
    "idempotency_key.other_request": N_("This Idempotency-Key was used for another request. Use a new key."),
    "incident.has_live_work": N_(
        "Work is still in progress. Playbooks: {runs}; tasks: {tasks}. End it first, or enter why it is cancelled."
    ),
    "incident.is_closed": N_("The incident is closed. Reopen it first."),
    "incident.is_exercise": N_(
        "This is the exercise of a drill. No report can be linked to it, and it cannot be reopened."
    ),
    "incident.is_open": N_("The incident is not closed."),
    "incident.override_needs_reason": N_("Enter a reason for closing while work is still in progress."),
    "indicator.list": N_("Enter at most {most} indicators."),
    "indicator.malformed": N_("This is not a valid indicator of the kind “{kind}”."),
    "indicator.shape": N_("An indicator must be a text, or an object with kind and value."),
    "indicator.unknown_kind": N_("The kind of an indicator must be one of: {kinds}."),
    "indicator.unrecognised": N_(
        "The kind of this indicator is not clear. Write it before the value, as one of: {kinds}."
    ),
    "journal.head_before_checkpoint": N_(
        "The head is before the checkpoint at entry {count}. Leave out the checkpoint to verify it."
    ),
    "journal.head_malformed": N_("Write the head as COUNT:HASH, as the check of the journal prints it."),
    "journal.not_canonical": N_("The journal cannot record a value of {verb} that JSON cannot represent exactly."),
    "link.dead": N_("This link has been used or has expired. Ask for a new one."),
    "media_type.not_calendar": N_("The body must be an iCalendar file (text/calendar), not {given}."),
    "media_type.unknown": N_("The body must be JSON (application/json), not {given}."),
    "member.twice": N_("List each person only once: {login} is listed twice."),
    "message.not_dead": N_("Only undelivered messages can be sent again, and this one is {state}."),
    "message.unknown": N_("There is no message {id}."),
    "moment.malformed": N_("Enter a date and time, such as {example}."),
    "moment.out_of_bounds": N_("The date must be after {earliest} and no more than one day in the future."),
    "moment.without_zone": N_("Enter the time zone after the time, as Z or as an offset such as +08:00."),
    "notice.link_expired": N_("This link has expired. Sign in to answer, or use the link in a newer message."),
    "notice.link_older": N_(
        "This link is from an older message. The incident has been reopened since. Use the newest message."
    ),
    "notice.link_other": N_("This link is for another notice. Use the link in the newest message."),
    "notice.none_for_department": N_(
        "The department was not notified of this incident, so there is nothing to acknowledge."
    ),
    "notice.not_open": N_("The notice is no longer open ({state}). Nothing was changed."),
    "notice.not_taken": N_(
        "The department has not acknowledged or accepted this yet ({state}). Do that first, then mark it as done."
    ),
    "notice.reason_needed": N_("Enter a reason. The coordinator will see it, and it is recorded in the journal."),
    "notice.unknown": N_("There is no notice {id}."),
    "notice.was_declined": N_(
        "The department has declined this. Accept the work, or have a coordinator withdraw it "
        "or name another department."
    ),
    "override.of_oneself": N_("A person cannot take over from themselves. Choose someone else, or leave this empty."),
    "password.not_current": N_("This is not your current password."),
    "password.guessable": N_(
        "This password is easy to guess: it is common, or made of well-known words, names, dates or keyboard "
        "rows. Choose another, such as four unrelated words."
    ),
    "password.long": N_("The password is too long. Use at most {most} characters."),
    "password.short": N_("The password is too short. Use at least {least} characters."),
    "person.exists": N_("Someone already has the sign-in name {login}. Choose another."),
    "person.not_active": N_("This person is not active. Make them active first."),
    "person.last_administrator": N_(
        "At least one administrator must remain. Make another person an administrator first."
    ),
    "person.unknown": N_("No one has the sign-in name {login}."),
    "playbook.calls_unknown": N_("It calls the playbook {playbook}, which has not been added. Add that one first."),
    "playbook.changed_meanwhile": N_(
        "Someone else saved a new version of this playbook after you opened it. Your version is not saved: "
        "compare both below."
    ),
    "playbook.id_changed": N_(
        "The identifier of a playbook cannot change. Put the old one back, or add this text as another playbook."
    ),
    "playbook.not_startable": N_("The playbook cannot be started: {why}."),
    "playbook.unknown": N_("There is no playbook {playbook}."),
    "playbook.version_exists": N_("This version of the playbook {playbook} already exists. Give it a new `modified`."),
    "policy.channel": N_("This is not the name of a channel."),
    "policy.hours": N_("Hours must be working, off, or an object with from and until."),
    "policy.in_turn": N_("Name the channels as well: only named channels can follow one another."),
    "policy.levels": N_("A policy must have 1 to {most} levels."),
    "policy.named_twice": N_("This is already in the list."),
    "policy.quiet_for_nothing": N_("Choose which grades are held back during quiet hours."),
    "policy.quiet_grade": N_("Quiet hours can hold back only incidents of these grades: {grades}."),
    "policy.repeat": N_("The number of further rounds must be a whole number from 0 to {most}."),
    "policy.wait": N_("The wait of a level must be between {least} and {most}."),
    "run.not_proposed": N_(
        "You may start playbooks that the rules propose for the incident, and playbooks without commands for "
        "machines. Ask one of these people to start this one: {people}."
    ),
    "start_request.has_ended": N_("This request has already been answered. Reload the incident."),
    "run.is_started": N_(
        "This playbook was started with the same values on this incident less than {seconds} seconds ago. "
        "To have it run twice, start it again in a moment."
    ),
    "run.is_scheduled": N_(
        "This playbook is already waiting for approval on this incident. It starts when it is approved. To "
        "start it another way, decline it first."
    ),
    "start_request.is_pending": N_(
        "The start of this playbook on this incident has already been requested. Wait for an answer, or call "
        "someone who may start it."
    ),
    "start_request.not_needed": N_("You may start this playbook yourself, so no request is needed. Start it."),
    "report.unknown": N_("There is no report {id}."),
    "role.unknown": N_("There is no role {role}. Choose one of: {roles}."),
    "rotation.days": N_("Choose at least one day of the week."),
    "rotation.every": N_("Enter the length of a turn in whole days, from 1 to {most}."),
    "rotation.people": N_("Choose 1 to {most} people for the rotation."),
    "rotation.same_name": N_("Another rotation is already called {name}."),
    "run.has_ended": N_("The run has ended ({state})."),
    "run.is_paused": N_("The run is paused. Resume it first."),
    "run.not_paused": N_("The run is not paused."),
    "run.unknown": N_("There is no run {id}."),
    "session.unknown": N_("This session has already ended."),
    "sign_in.too_often": N_("Too many attempts to sign in. Try again in {minutes} minutes."),
    "sign_in.too_soon": N_("Too many attempts to sign in. Try again in {seconds} seconds."),
    "sign_in.wrong": N_("The sign-in name or the password is wrong."),
    "secret.broken": N_("The secret {name} cannot be read, because it was changed in the database. Set it again."),
    "secret.missing": N_("Messages of this channel are signed. Enter the secret shown on the page of the robot."),
    "secret.not_wanted": N_("This channel needs no secret. Leave it empty."),
    "secret.place_malformed": N_(
        "Enter where the secret may be used: an origin such as https://api.example.org, or ssh, or ssh://HOST:PORT."
    ),
    "secret.place_missing": N_("Enter where the secret may be used."),
    "secret.places_many": N_("A secret can be used at no more than {most} places."),
    "secret.places_mixed": N_("A secret can be used for web addresses or for ssh, but not for both."),
    "secret.unknown": N_("There is no secret {name}."),
    "secret.use_needed": N_(
        "This playbook signs in with a stored secret, which you may not use. These people may: {people}."
    ),
    "signer.exists": N_("This key is already trusted, as the key of {name}."),
    "signer.is_revoked": N_("Trust in {name} was revoked before."),
    "signer.key_malformed": N_("Enter a public key or a certificate in PEM format, including its first and last line."),
    "signer.key_private": N_("This is a private key, which must never leave its owner. Enter the public key."),
    "signer.key_unsupported": N_(
        "Keys of this kind cannot be used here. Use RSA, P-256, P-384, P-521, Ed25519 or Ed448."
    ),
    "signer.key_weak": N_("An RSA key must have 2048 to 8192 bits."),
    "signer.unknown": N_("There is no signer {id}."),
    "signer.window": N_("The end of the trust must be after its start."),
    "span.ends_before": N_("The end must be after the start."),
    "span.far": N_("The year must be between {earliest} and {latest}."),
    "step.not_failed": N_("The step {step} has not failed ({state}). Only failed steps can be retried."),
    "step.not_overridable": N_("The result of the step {step} cannot be set manually now ({state})."),
    "step.unknown": N_("The run has not reached a step {step}."),
    "login.spaced": N_("The sign-in name must not begin or end with a space."),
    "name.invisible": N_(
        "The name contains invisible characters or marks that change the direction of text. Type it again without them."
    ),
    "text.not_one_line": N_("Enter text on one line."),
    "text.too_long": N_("The text has {length} characters. The limit is {limit}."),
    "text.unfit": N_("The text must not contain control characters."),
    "throttle.too_often": N_("Too many requests from this address. Wait {minutes} minutes, then try again."),
    "timezone.unknown": N_("There is no time zone {given}. Enter a name such as Asia/Shanghai."),
    "tlp.unknown": N_("Choose a sharing level: {levels}."),
    "token.unknown": N_("There is no token {id}."),
    "value.mistyped": N_("This answer does not have the right form."),
    "value.truth": N_("Choose Yes or No."),
    "version.needed": N_("Send the ETag that you read as If-Match, so that no changes by others are lost."),
    "version.stale": N_("Someone else has changed this since you opened it. Reload it, then repeat your change."),
}
