"""Presentation of states: words, a colour and an icon, so that colour is never the only sign."""

from dataclasses import dataclass
from typing import Final

from incident.core.reports.identifying import passage_number
from incident.core.values.error_messages import N_
from incident.web.i18n import gettext


@dataclass(frozen=True)
class Look:
    """Presentation of a state; `kind` is good, bad, warn, live or quiet."""

    words: str
    kind: str
    icon: str


STATES: Final = {
    "incident.new": Look(N_("new"), "warn", "bell-ringing"),
    "incident.handling": Look(N_("in progress"), "live", "loader"),
    "incident.closed": Look(N_("closed"), "quiet", "archive"),
    "notice.open": Look(N_("not acknowledged"), "warn", "hourglass"),
    "notice.accepted": Look(N_("work accepted"), "good", "circle-check"),
    "notice.declined": Look(N_("declined"), "bad", "circle-x"),
    "notice.done": Look(N_("done"), "good", "checks"),
    "notice.acknowledged": Look(N_("acknowledged"), "good", "check"),
    "notice.exhausted": Look(N_("no one acknowledged"), "bad", "alert-triangle"),
    "notice.withdrawn": Look(N_("withdrawn"), "quiet", "arrow-back-up"),
    "task.open": Look(N_("to do"), "live", "circle"),
    "task.succeeded": Look(N_("done"), "good", "check"),
    "task.failed": Look(N_("failed"), "bad", "x"),
    "task.cancelled": Look(N_("cancelled"), "quiet", "ban"),
    "task.timed_out": Look(N_("out of time"), "bad", "clock"),
    "run.scheduled": Look(N_("scheduled"), "live", "clock"),
    "run.running": Look(N_("running"), "live", "player-play"),
    "run.waiting": Look(N_("waiting"), "live", "hourglass"),
    "run.paused": Look(N_("paused"), "warn", "player-pause"),
    "run.succeeded": Look(N_("succeeded"), "good", "check"),
    "run.failed": Look(N_("failed"), "bad", "x"),
    "run.cancelled": Look(N_("cancelled"), "quiet", "ban"),
    "step.ahead": Look(N_("ahead"), "quiet", "circle"),
    "step.scheduled": Look(N_("delayed"), "live", "clock"),
    "step.waiting": Look(N_("waiting for people"), "live", "hourglass"),
    "step.running": Look(N_("running"), "live", "player-play"),
    "step.succeeded": Look(N_("succeeded"), "good", "check"),
    "step.failed": Look(N_("failed"), "bad", "x"),
    "step.timed_out": Look(N_("out of time"), "bad", "clock"),
    "step.skipped": Look(N_("skipped"), "quiet", "chevron-right"),
    "step.overridden": Look(N_("set manually"), "good", "user-check"),
    "step.not_applicable": Look(N_("does not apply"), "quiet", "ban"),
    "step.cancelled": Look(N_("cancelled"), "quiet", "ban"),
    "message.pending": Look(N_("waiting to be sent"), "warn", "clock"),
    "message.sending": Look(N_("being sent"), "live", "send"),
    "message.sent": Look(N_("sent"), "good", "check"),
    "message.refused": Look(N_("refused"), "bad", "x"),
    "message.given_up": Look(N_("not delivered"), "bad", "x"),
    "message.cancelled": Look(N_("no longer needed"), "quiet", "ban"),
    "clock.waiting": Look(N_("not started"), "quiet", "hourglass"),
    "clock.running": Look(N_("running"), "live", "clock"),
    "clock.undetermined": Look(N_("to be judged"), "warn", "help-circle"),
    "clock.not_applicable": Look(N_("does not apply"), "quiet", "ban"),
    "clock.filed": Look(N_("filed"), "good", "check"),
    "clock.filed_late": Look(N_("filed late"), "bad", "check"),
    "clock.returned": Look(N_("returned"), "bad", "arrow-back-up"),
    "clock.waived": Look(N_("waived"), "quiet", "ban"),
    "clock.suspended": Look(N_("suspended"), "warn", "player-pause"),
    "document.draft": Look(N_("draft"), "quiet", "edit"),
    "document.in_review": Look(N_("in review"), "live", "eye"),
    "document.in_legal_review": Look(N_("in legal review"), "live", "eye"),
    "document.in_countersign": Look(N_("being countersigned"), "live", "users"),
    "document.to_sign": Look(N_("to be signed"), "warn", "hourglass"),
    "document.signed": Look(N_("signed and numbered"), "good", "check"),
    "document.sealed": Look(N_("sealed"), "good", "circle-check"),
    "document.served": Look(N_("served"), "good", "send"),
    "document.archived": Look(N_("archived"), "quiet", "archive"),
    "document.void": Look(N_("void"), "bad", "ban"),
    "drill.running": Look(N_("running"), "live", "player-play"),
    "drill.ended": Look(N_("ended"), "quiet", "flag"),
    "timing.in_time": Look(N_("on time"), "good", "check"),
    "timing.late": Look(N_("too late"), "warn", "clock"),
    "timing.never": Look(N_("not at all"), "bad", "x"),
    "timing.waiting": Look(N_("waiting"), "live", "hourglass"),
    "timing.dropped": Look(N_("no longer needed"), "quiet", "ban"),
    "report.received": Look(N_("received"), "warn", "message-report"),
    "report.accepted": Look(N_("accepted for handling"), "live", "check"),
    "report.not_accepted": Look(N_("not accepted for handling"), "quiet", "ban"),
    "report.verifying": Look(N_("being verified"), "live", "search"),
    "report.substantiated": Look(N_("substantiated"), "warn", "check"),
    "report.partly": Look(N_("partly substantiated"), "warn", "check"),
    "report.unsubstantiated": Look(N_("not substantiated"), "quiet", "x"),
    "report.handed_over": Look(N_("handed over"), "live", "send"),
    "report.handled": Look(N_("handled"), "good", "check"),
    "report.replied": Look(N_("replied"), "good", "check"),
    "report.closed": Look(N_("closed"), "quiet", "flag"),
    "report.merged": Look(N_("merged with another report"), "quiet", "link"),
    "call.waiting": Look(N_("waiting"), "live", "hourglass"),
    "call.calling": Look(N_("under way"), "live", "phone"),
    "call.placed": Look(N_("call made"), "good", "check"),
    "call.failed": Look(N_("no call"), "bad", "x"),
    "call.cancelled": Look(N_("cancelled"), "quiet", "ban"),
    "identity.requested": Look(N_("waiting for approval"), "warn", "hourglass"),
    "identity.waiting": Look(N_("approved, opens later"), "live", "clock"),
    "identity.open": Look(N_("open"), "good", "check"),
    "identity.expired": Look(N_("expired"), "quiet", "flag"),
    "identity.refused": Look(N_("refused"), "bad", "ban"),
    "identity.withdrawn": Look(N_("withdrawn"), "quiet", "x"),
}

ROLES: Final = {
    "administrator": N_("Administrator"),
    "coordinator": N_("Coordinator"),
    "responder": N_("Responder"),
    "department": N_("Department"),
    "reader": N_("Reader"),
    "source": N_("Source of alerts"),
    "monitor": N_("Monitoring"),
}

POSITIONS: Final = {
    "head": N_("Head"),
    "deputy": N_("Deputy"),
    "member": N_("Member"),
}

CHANNELS: Final = {
    "email": N_("e-mail"),
    "webhook": N_("webhook"),
    "inbox": N_("inbox"),
    "wecom": N_("WeCom"),
    "dingtalk": N_("DingTalk"),
    "feishu": N_("Feishu / Lark"),
    "slack": "Slack",
    "teams": "Microsoft Teams",
    "sms": N_("text message"),
    "push": N_("notification on a device"),
}
CHANNEL_ICONS: Final = {
    "email": "mail",
    "webhook": "webhook",
    "inbox": "inbox",
    "wecom": "brand-wechat",
    "dingtalk": "message-2",
    "feishu": "message-circle",
    "slack": "brand-slack",
    "teams": "brand-teams",
    "sms": "device-mobile-message",
    "push": "bell-ringing",
}
SOURCES: Final = {
    "manual": N_("created manually"),
    "alertmanager": "Alertmanager",
    "suricata": "Suricata",
    "generic": N_("a program"),
}
RULE_WORDS: Final = {
    "source": N_("Source"),
    "category": N_("Category"),
    "grade": N_("Grade"),
    "sector": N_("Sector"),
    "region": N_("Region"),
    "campaign": N_("Campaign"),
    "system": N_("System"),
    "protection_level": N_("Level of protection"),
    "criticality": N_("Criticality"),
}
CRITICALITY: Final = {
    "high": N_("high criticality"),
    "moderate": N_("moderate criticality"),
    "low": N_("low criticality"),
}
MATCHED_BY: Final = {
    "address": N_("recognised by the address"),
    "name": N_("recognised by the name"),
    "label": N_("recognised by the label"),
    "person": N_("added by a person"),
}
GROUP_WORDS: Final = {
    **RULE_WORDS,
    "title": N_("Title"),
    "sender_group": N_("the group of the sender"),
}
PROPERTIES: Final = {
    "name": N_("name"),
    "description": N_("description"),
    "type": N_("type"),
    "timeout": N_("time limit"),
    "delay": N_("delay"),
    "commands": N_("what to do"),
    "agent": N_("assignee"),
    "targets": N_("targets"),
    "condition": N_("condition"),
    "on_completion": N_("next step"),
    "on_success": N_("next step"),
    "on_failure": N_("next step when it fails"),
    "on_true": N_("step if true"),
    "on_false": N_("step if false"),
    "cases": N_("cases"),
    "next_steps": N_("steps at the same time"),
    "in_args": N_("values it is given"),
    "out_args": N_("values it asks for"),
    "playbook_variables": N_("variables"),
    "step_variables": N_("variables"),
    "playbook_types": N_("types"),
    "playbook_activities": N_("activities"),
    "agent_definitions": N_("people and departments"),
    "target_definitions": N_("targets"),
    "workflow_start": N_("first step"),
    "workflow_exception": N_("step when the run fails"),
    "labels": N_("labels"),
    "valid_from": N_("valid from"),
    "valid_until": N_("valid until"),
    "markings": N_("markings"),
}
REPORT_CHANNELS: Final = {
    "web": N_("web"),
    "phone": N_("telephone"),
    "email": N_("e-mail"),
    "letter": N_("letter"),
    "visit": N_("visit"),
    "api": N_("another program"),
}

REPORT_KINDS: Final = {
    "tip": N_("Tip"),
    "claim": N_("Claim"),
    "help": N_("Call for help"),
    "question": N_("Question"),
    "suggestion": N_("Suggestion"),
}

CONTACT_FIELD_WORDS: Final = {
    "name": N_("Full name"),
    "phone": N_("Telephone"),
    "email": N_("E-mail"),
    "address": N_("Address"),
}

PROTECTION_WORDS: Final = {
    "anonymous": N_("anonymous"),
    "sealed": N_("known, and sealed"),
    "protected": N_("known, and opened only by several custodians together"),
}

MAILBOX_KINDS: Final = {
    "message": N_("Message"),
    "addition": N_("Addition"),
    "objection": N_("Objection"),
    "withdrawal": N_("Withdrawal"),
}


def contact_field_words(field: str) -> str:
    """Return the words for a sealed field: of the contact, or a passage of the text."""
    number = passage_number(field)
    if number is not None:
        return gettext("Sealed passage %(number)s", number=number)
    return gettext(CONTACT_FIELD_WORDS[field])


def look(state: str) -> Look:
    """Return the presentation of a state such as `notice.open`, in the language of the page."""
    found = STATES.get(state, Look(state.partition(".")[2], "quiet", "circle"))
    return Look(gettext(found.words), found.kind, found.icon)
