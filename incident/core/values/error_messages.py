"""Error messages of the rules, for the message catalogue: a code and its sentence with placeholders.

Each sentence says what is wrong and, where that is not obvious, what to do.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from incident.core.values.marking import N_
from incident.core.values.source_messages import SOURCE_FAULT_WORDS

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
    **SOURCE_FAULT_WORDS,
    "address.bad_character": N_("The address holds a space, a backslash or a control character."),
    "address.bad_port": N_("The port in the address is not a number from 1 to 65535."),
    "address.has_userinfo": N_("The address holds a user name; leave out what stands before the @."),
    "address.missing": N_("This channel needs an address."),
    "address.no_host": N_("The address names no host."),
    "address.not_dingtalk": N_(
        "This is not the address of a DingTalk robot; it holds /robot/send?access_token= and a token."
    ),
    "address.not_feishu": N_(
        "This is not the address of a Feishu or Lark robot; it holds /open-apis/bot/v2/hook/ and a token."
    ),
    "address.not_http": N_("The address must begin with http:// or https://."),
    "address.not_mail": N_("This is not a mail address; write it as in duty@example.org."),
    "address.not_phone": N_("This is not a telephone number; write it as in +8613800138000."),
    "address.not_slack": N_("This is not the address of a Slack webhook; it holds /services/ and three parts."),
    "address.not_teams": N_("This is not the address of a Teams workflow; it holds /workflows/ and ends with sig=."),
    "address.not_wecom": N_("This is not the address of a WeCom robot; it holds /webhook/send?key= and a key."),
    "address.not_wanted": N_("An inbox has no address; leave it out."),
    "address.too_long": N_("The address is too long."),
    "answer.malformed": N_(
        "An answer is one of {results}, an object with result, after and variables, or a list of these."
    ),
    "answer.step_unknown": N_("The playbook asks for nothing in a step of this id or name."),
    "alerts.too_many": N_(
        "This token sends more than {per_second} alerts a second. Nothing was taken; send it again in {seconds} s."
    ),
    "alert.too_many_labels": N_("There are too many labels; send at most {most}."),
    "area.malformed": N_("A sector, region or campaign is 1 to {limit} characters on one line."),
    "calendar.no_year": N_("This is not a year; write it as in 2026."),
    "calendar.other_year": N_("This day does not lie in {year}."),
    "calendar.unknown": N_("There is no working calendar {given}; there are: {known}."),
    "category.malformed": N_("A category is 1 to {limit} characters on one line."),
    "code.malformed": N_("A code is 1 to {limit} letters, digits, dots, hyphens or underscores."),
    "contact.check_every": N_("A contact is checked every {least} to {most}."),
    "contact.confirm_within": N_("A test is to be confirmed within {least} to {most}."),
    "contact.confirms_nothing": N_("Nobody reads what this contact gets, so that nobody could confirm a test."),
    "contact.has_no_secret": N_("The secret of this contact is not made here; add the contact anew to change it."),
    "contact.switched_off": N_("This contact is switched off: nothing is sent to it any more."),
    "contact.unknown": N_("There is no contact {id}."),
    "cursor.unknown": N_("This cursor is not one of ours; begin again without it."),
    "daytime.empty": N_("A part of a day cannot begin and end at the same time."),
    "daytime.malformed": N_("This is not a time of day; write it as in {example}."),
    "day.malformed": N_("This is not a day; write it as in {example}."),
    "demonstration.not_empty": N_(
        "This home holds departments, people or incidents already. "
        "The demonstration needs an empty one: set INCIDENT_HOME to another folder."
    ),
    "demonstration.unsigned": N_(
        "The demonstration starts playbooks that nobody has signed: set INCIDENT_UNSIGNED_PLAYBOOKS to 1 for it."
    ),
    "department.exists": N_("There is a department with the code {code} already; choose another one."),
    "department.loop": N_(
        "The department {code} is this one or stands under it, so that this one cannot stand under it."
    ),
    "department.needed": N_("This role needs the code of a department."),
    "department.unknown": N_("There is no department with the code {code}."),
    "document.does_not_fit": N_("This does not fit what is expected here."),
    "document.is_null": N_("This cannot be null; leave it out, or give a value."),
    "document.missing": N_("This field is needed."),
    "document.no_body": N_("The request has no body; send what is described for this address."),
    "document.not_a_choice": N_("This must be one of: {choices}."),
    "document.not_a_list": N_("This must be a list of at most {most} items."),
    "document.not_a_number": N_("This must be a whole number."),
    "document.not_a_text": N_("This must be a text that is not empty."),
    "document.not_a_truth": N_("This must be true or false."),
    "document.not_an_object": N_("This must be a JSON object."),
    "document.out_of_bounds": N_("This number must lie between {least} and {most}."),
    "document.too_deep": N_("This is nested too deeply; at most {most} levels."),
    "document.too_large": N_("This has too many values; at most {most}."),
    "document.unknown_field": N_("This field is not known; known here: {known}."),
    "drill.has_ended": N_("The drill has ended already."),
    "drill.speed": N_("The speed of a drill is a whole number from 1 to {most}."),
    "drill.unknown": N_("There is no drill {id}."),
    "duration.malformed": N_("This is not a length of time; write it as in {example}, without years and months."),
    "event.length": N_("The event must last longer than nothing and at most {most} days."),
    "event.long_ago": N_("The event began to repeat too long ago; let it begin within the last twenty years."),
    "event.malformed": N_("The event cannot be read ({why})."),
    "event.no_end": N_("The event needs an end (DTEND) or a length (DURATION), of the same kind as its start."),
    "event.no_start": N_("The event needs a start (DTSTART)."),
    "event.nobody": N_(
        "The event names nobody; write the sign-in name under SUMMARY or the mail address under ATTENDEE."
    ),
    "event.person_unclear": N_("Several people are called {who}; write the sign-in name instead."),
    "event.person_unknown": N_(
        "Nobody is known as {who}; write a sign-in name, a name or a mail address among their contacts."
    ),
    "event.rule": N_(
        "Events repeat by day, week, month or year, with INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH."
    ),
    "event.rules": N_("The event has several rules of repetition; write one event for each."),
    "grade.unknown": N_("The grade must be one of {grades}, 1 being the gravest."),
    "icalendar.events": N_("The file must hold 1 to {most} events, at most {repeating} of them repeating."),
    "icalendar.times": N_(
        "The events take place more than {most} times; let them end sooner, or import them in parts."
    ),
    "icalendar.zone": N_(
        "The file describes the time zone {zone} in a way that this program does not follow. "
        "Save it with the name of a place, such as Asia/Shanghai."
    ),
    "icalendar.too_large": N_("The file is too large; at most {limit} bytes in {lines} lines."),
    "icalendar.unreadable": N_("This is not an iCalendar file ({why})."),
    "hashing.busy": N_("Many people are signing in right now. Wait a moment and try again."),
    "idempotency_key.malformed": N_("An Idempotency-Key is 1 to {limit} visible characters of ASCII, without spaces."),
    "idempotency_key.other_request": N_("This Idempotency-Key was used for another request; take a new key."),
    "incident.has_live_work": N_(
        "Work is still going on (runs: {runs}; tasks: {tasks}). End it first, or override with a reason."
    ),
    "incident.is_closed": N_("The incident is closed; reopen it first."),
    "incident.is_exercise": N_("This is the exercise of a drill: no report belongs to it, and it is not opened again."),
    "incident.is_open": N_("The incident is not closed."),
    "incident.override_needs_reason": N_("Closing over work that is still going on needs a reason."),
    "indicator.list": N_("The indicators must be a list of at most {most} items."),
    "indicator.malformed": N_("This is not a valid indicator of the kind {kind}."),
    "indicator.shape": N_("An indicator is a text, or an object with kind and value."),
    "indicator.unknown_kind": N_("The kind of an indicator is one of: {kinds}."),
    "indicator.unrecognised": N_("The kind of this indicator cannot be told; name it, one of: {kinds}."),
    "journal.head_before_checkpoint": N_(
        "The head lies before the checkpoint at entry {count}; leave the checkpoint out to verify it."
    ),
    "journal.head_malformed": N_("A head is written COUNT:HASH, as the journal's check prints it."),
    "journal.not_canonical": N_("The journal cannot keep a value of {verb} that JSON does not carry exactly."),
    "link.dead": N_("This link is used up or has expired; ask for a new one."),
    "media_type.not_calendar": N_("The body must be an iCalendar file (text/calendar), not {given}."),
    "media_type.unknown": N_("The body must be JSON (application/json), not {given}."),
    "member.twice": N_("The sign-in name {login} is listed already; everybody is a member once."),
    "message.not_dead": N_("The message is no dead letter ({state}); one that was refused or given up can be resent."),
    "message.unknown": N_("There is no message {id}."),
    "moment.malformed": N_("This is not a moment after RFC 3339; write it as in {example}."),
    "moment.out_of_bounds": N_("This moment lies before {earliest} or more than a day ahead."),
    "moment.without_zone": N_("This moment says no time zone; end it with Z or an offset."),
    "notice.link_expired": N_("This link has expired. Sign in to answer, or use the link of a newer message."),
    "notice.link_older": N_(
        "This link belongs to an older message: the incident was opened again since. Use the newest message."
    ),
    "notice.link_other": N_("This link belongs to another notice. Use the link of the newest message."),
    "notice.none_for_department": N_("The department was not told of this incident; there is nothing to acknowledge."),
    "notice.not_open": N_("The notice is not open any more ({state}); nothing was changed."),
    "notice.not_taken": N_(
        "The department has not taken this up yet ({state}); acknowledge or accept it first, then say that it is done."
    ),
    "notice.reason_needed": N_("Give a reason: it is told to the coordinator and stands in the journal."),
    "notice.unknown": N_("There is no notice {id}."),
    "notice.was_declined": N_(
        "The department has declined this. Accept the work, or have a coordinator withdraw it "
        "or name another department."
    ),
    "override.of_oneself": N_("Nobody stands in for themselves; name somebody else, or leave this out."),
    "password.not_current": N_("This is not your current password."),
    "password.guessable": N_(
        "This password is easy to guess: it is common or made of well-known words, names, dates or keyboard rows. "
        "Choose another one, for instance four unrelated words."
    ),
    "password.long": N_("The password is too long; use at most {most} characters."),
    "password.short": N_("The password is too short; use at least {least} characters."),
    "person.exists": N_("Somebody has the sign-in name {login} already; choose another one."),
    "person.not_active": N_("This person is not active; let them be active first."),
    "person.last_administrator": N_("Somebody must stay who can administer; make another person administrator first."),
    "person.unknown": N_("Nobody has the sign-in name {login}."),
    "playbook.calls_unknown": N_("It calls the playbook {playbook}, which is not here; add that one first."),
    "playbook.not_startable": N_("The playbook cannot be started: {why}."),
    "playbook.unknown": N_("There is no playbook {playbook}."),
    "playbook.version_exists": N_("This version of the playbook {playbook} is here already; give it a new `modified`."),
    "policy.channel": N_("This is not the name of a channel."),
    "policy.hours": N_("Hours are working, off, or an object with from and until."),
    "policy.in_turn": N_("Channels can follow one another only when they are named; give channels too."),
    "policy.levels": N_("A policy has 1 to {most} levels."),
    "policy.named_twice": N_("This stands in the list already."),
    "policy.quiet_for_nothing": N_("Say which grades the quiet hours hold back."),
    "policy.quiet_grade": N_("Quiet hours hold back incidents of these grades alone: {grades}."),
    "policy.repeat": N_("The number of further rounds is a whole number from 0 to {most}."),
    "policy.wait": N_("A level waits from {least} to {most}."),
    "receipt.unknown": N_("No report has this receipt; check its letters and digits."),
    "report.contact_details": N_("Details that tell who somebody is are not taken here yet; leave this field out."),
    "report.not_linked": N_("The report {id} is not linked to this incident."),
    "run.not_proposed": N_(
        "You may start what the rules propose for the incident and what has no commands for machines. "
        "Ask one of these to start this playbook: {people}."
    ),
    "start_request.has_ended": N_("This request was answered already; read the incident again."),
    "approval.is_given": N_("You have approved this already. Somebody else must approve it as well."),
    "approval.is_stale": N_(
        "This has changed since you read it, or something that it calls has. Read the newest version, then approve it."
    ),
    "approval.not_by_person": N_("Only a person who has signed in can approve this. A token cannot."),
    "approval.not_needed": N_("No machine carries out commands of this playbook, so nobody needs to approve it."),
    "run.is_started": N_(
        "This playbook was started with the same values on this incident less than {seconds} seconds ago. "
        "To have it run twice, start it again in a moment."
    ),
    "run.is_scheduled": N_(
        "This playbook waits for approval on this incident already. It starts when it is approved, or decline it first."
    ),
    "start_request.is_pending": N_(
        "The start of this playbook was requested on this incident already. Wait for an answer, or call one of those "
        "who may start it."
    ),
    "start_request.not_needed": N_("You may start this playbook yourself, so no request is needed. Start it."),
    "report.unknown": N_("There is no report {id}."),
    "role.unknown": N_("There is no role {role}; the roles are: {roles}."),
    "rota.full": N_("The rota holds {most} of these already; put it anew without those that are over."),
    "rotation.every": N_("A turn lasts 1 to {most} whole days; write P1D, P7D or a number of days."),
    "rotation.people": N_("A rotation needs a list of 1 to {most} logins."),
    "rotation.same_name": N_("Another rotation is called {name} already."),
    "rules.group_by": N_("Group by any of {fields}, or by a label, written as labels.NAME."),
    "rules.window": N_("A window is a duration from {least} to {most}, such as PT10M."),
    "rules.window_alone": N_("A window needs group_by, which says what the alerts of a group have in common."),
    "rules.empty_list": N_("An empty list matches nothing; leave the field out to match everything."),
    "run.has_ended": N_("The run has ended ({state})."),
    "run.is_paused": N_("The run is paused; resume it first."),
    "run.not_paused": N_("The run is not paused."),
    "run.unknown": N_("There is no run {id}."),
    "session.unknown": N_("This session has ended already."),
    "sign_in.too_often": N_("Too many attempts to sign in. Try again in {minutes} minutes."),
    "sign_in.too_soon": N_("Too many attempts to sign in. Try again in {seconds} seconds."),
    "sign_in.wrong": N_("The sign-in name or the password is wrong."),
    "secret.broken": N_("The secret {name} does not open: it was changed in the database. Set it again."),
    "secret.missing": N_("Messages of this channel are signed: give the secret that the robot's page shows."),
    "secret.not_wanted": N_("This channel takes no secret from outside; leave it out."),
    "secret.place_malformed": N_(
        "This is no place for a secret. Enter an origin such as https://api.example.org, or ssh, or ssh://HOST:PORT."
    ),
    "secret.place_missing": N_("Enter where the secret may be used."),
    "secret.places_many": N_("A secret can be used at no more than {most} places."),
    "secret.places_mixed": N_("A secret is either for web addresses or for ssh, not for both."),
    "secret.unknown": N_("There is no secret {name}."),
    "secret.use_needed": N_(
        "This playbook signs in with a stored secret, which you may not use. These people may: {people}."
    ),
    "signer.exists": N_("This key is trusted already, as that of {name}."),
    "signer.is_revoked": N_("Trust in {name} was revoked before."),
    "signer.key_malformed": N_(
        "This is no public key; give the PEM of one, or of a certificate, with the lines that begin and end it."
    ),
    "signer.key_private": N_("This is a private key. It must never leave its owner: give the public one."),
    "signer.key_unsupported": N_(
        "Keys of this kind are not used for signatures here; take RSA, P-256, P-384, P-521, Ed25519 or Ed448."
    ),
    "signer.key_weak": N_("An RSA key must have 2048 to 8192 bits."),
    "signer.unknown": N_("There is no signer {id}."),
    "signer.window": N_("The end of the time in which a signer is trusted must come after its beginning."),
    "span.ends_before": N_("This must lie after its beginning."),
    "span.far": N_("This must lie between the years {earliest} and {latest}."),
    "step.not_failed": N_("The step {step} has not failed ({state}); only a failed one can be tried again."),
    "step.not_overridable": N_("The step {step} cannot be decided by hand now ({state})."),
    "step.unknown": N_("The run has not come to a step {step}."),
    "target.exists": N_("Commands by ssh as {user} are allowed on {host} already; withdraw that first."),
    "target.host_key_malformed": N_(
        "This is no public host key; give a `.pub` file of the server or what ssh-keyscan prints ({algorithms})."
    ),
    "target.host_malformed": N_("This is neither the name of a host nor an IP address."),
    "target.port_malformed": N_("A port is a number from 1 to 65535."),
    "target.unknown": N_("There is no target {id}."),
    "target.user_malformed": N_("This is not the name of a user; at most {limit} letters, digits and ._-@ are taken."),
    "task.has_ended": N_("The task has ended ({state})."),
    "task.unknown": N_("There is no task {id}."),
    "task.variable_unknown": N_("The task takes no variable {name}; it takes: {known}."),
    "login.spaced": N_("The sign-in name begins or ends with a space; leave the space out."),
    "name.invisible": N_(
        "This name holds invisible characters or marks that turn the direction of writing; type it anew without them."
    ),
    "text.not_one_line": N_("This must be a text on one line."),
    "text.too_long": N_("This text has {length} characters; at most {limit} are kept."),
    "text.unfit": N_("This text holds control characters; take them out."),
    "throttle.too_often": N_("Too many requests from this address; wait {minutes} minutes."),
    "timezone.unknown": N_("There is no time zone {given}; write a name such as Asia/Shanghai."),
    "tlp.unknown": N_("The sharing level is one of: {levels}."),
    "token.unknown": N_("There is no token {id}."),
    "version.needed": N_("Send the ETag that you read as If-Match, so that no change of others is lost."),
    "version.stale": N_("Somebody changed this in the meantime; read it again and repeat your change."),
}
