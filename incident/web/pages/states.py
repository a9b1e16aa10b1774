"""Presentation of states: words, a colour and an icon, so that colour is never the only sign."""

from dataclasses import dataclass
from typing import Final

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
    "incident.handling": Look(N_("handling"), "live", "loader"),
    "incident.closed": Look(N_("closed"), "quiet", "archive"),
    "notice.open": Look(N_("not acknowledged"), "warn", "hourglass"),
    "notice.accepted": Look(N_("work accepted"), "good", "circle-check"),
    "notice.declined": Look(N_("declined"), "bad", "circle-x"),
    "notice.done": Look(N_("done"), "good", "checks"),
    "notice.acknowledged": Look(N_("acknowledged"), "good", "check"),
    "notice.exhausted": Look(N_("nobody answered"), "bad", "alert-triangle"),
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
    "step.overridden": Look(N_("decided by hand"), "good", "user-check"),
    "step.cancelled": Look(N_("cancelled"), "quiet", "ban"),
    "message.pending": Look(N_("waits to be sent"), "warn", "clock"),
    "message.sending": Look(N_("being sent"), "live", "send"),
    "message.sent": Look(N_("accepted"), "good", "check"),
    "message.refused": Look(N_("refused"), "bad", "x"),
    "message.given_up": Look(N_("given up"), "bad", "x"),
    "message.cancelled": Look(N_("no longer needed"), "quiet", "ban"),
    "drill.running": Look(N_("running"), "live", "player-play"),
    "drill.ended": Look(N_("over"), "quiet", "flag"),
    "timing.in_time": Look(N_("in time"), "good", "check"),
    "timing.late": Look(N_("too late"), "warn", "clock"),
    "timing.never": Look(N_("not at all"), "bad", "x"),
    "timing.waiting": Look(N_("waiting"), "live", "hourglass"),
    "timing.dropped": Look(N_("no longer needed"), "quiet", "ban"),
    "report.received": Look(N_("received"), "warn", "message-report"),
    "report.linked": Look(N_("linked"), "live", "link"),
    "report.handled": Look(N_("handled"), "good", "check"),
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
}
SOURCES: Final = {
    "manual": N_("by hand"),
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
}
GROUP_WORDS: Final = {
    **RULE_WORDS,
    "title": N_("Title"),
    "sender_group": N_("the group of the sender"),
}
REPORT_CHANNELS: Final = {"web": N_("web"), "phone": N_("telephone"), "email": N_("e-mail")}


def look(state: str) -> Look:
    """Return the presentation of a state such as `notice.open`, in the language of the page."""
    found = STATES.get(state, Look(state.partition(".")[2], "quiet", "circle"))
    return Look(gettext(found.words), found.kind, found.icon)
