"""Words of statutory clocks: why one is as it is, what it waits for, how it was filed."""

from collections.abc import Mapping
from typing import Any, Final

from incident.core.deadlines.counting import Period
from incident.core.deadlines.rule_sets import grading_questions
from incident.core.values.error_messages import N_
from incident.core.values.moment import parse_moment
from incident.data.grading_rules import shipped_rule_sets
from incident.web import i18n
from incident.web.i18n import gettext
from incident.web.pages.names import actor_words, clock_event_words
from incident.web.pages.template_filters import grade_words, zone

OPERATOR_WORDS: Final = {
    "cii": N_("Operator of critical information infrastructure"),
    "central_state": N_("Central Party or state organ, or a unit directly under one"),
    "other": N_("Any other network operator"),
}
CHANNEL_WORDS: Final = {
    "phone": N_("telephone"),
    "portal": N_("website of the authority"),
    "email": N_("e-mail"),
    "fax": N_("fax"),
    "app": N_("app or mini program"),
    "letter": N_("letter"),
    "in_person": N_("in person"),
    "exchange": N_("data exchange"),
}
LATE_WORDS: Final = {
    "unknown_in_time": N_("not known in time"),
    "approval_late": N_("approval came late"),
    "channel_down": N_("channel was down"),
    "misgraded": N_("wrong grade at first"),
    "other": N_("another reason"),
}
EVIDENCE_WORDS: Final = {
    "fragments": N_("Read in reports that quote the rule."),
    "draft": N_("Read in a draft of the rule."),
    "secondary": N_("Read in reports about the law."),
    "recalled": N_("Not read anywhere; recalled."),
}
BECAUSE_WORDS: Final = {
    "cap": N_("Counted as an upper limit, from %(time)s: %(event)s."),
    "no_calendar": N_("The holidays of that country are not known here: Monday to Friday was counted."),
    "calendar_expected": N_("The holidays of that year are not published yet; the earlier end counts."),
    "target": N_("The law gives no figure; this is a target."),
    "grade_decided": N_("The decided grade is %(grade)s."),
    "grade_possible": N_("The grade is not decided; %(grade)s is possible."),
    "judged": N_("Whether this law asks for a report is for you to judge. If it does not, two people decide so."),
    "answer_missing": N_("Not answered yet: %(question)s"),
    "answer": N_("Answered: %(question)s %(value)s"),
    "handled_before": N_("Handling ended before it was due."),
    "filed": N_("Filed at %(time)s."),
    "returned": N_("The authority returned the report at %(time)s. File it again."),
    "event_withdrawn": N_("The event that it counted from was withdrawn."),
    "kept_earlier": N_("The earlier deadline stays until two people put it off."),
    "not_reportable": N_("%(by)s and %(second)s decided that this law asks for no report (decision %(decision)s)."),
    "not_yet": N_("The law did not apply yet when the incident became known."),
}


def because_words(reason: Mapping[str, Any]) -> str:
    """Return the sentence of a reason: a code, and its arguments."""
    time = i18n.full(parse_moment(reason["at"]), zone()) if "at" in reason else ""
    text = BECAUSE_WORDS.get(reason["code"])
    if text is None:
        return gettext(N_("Counted from %(time)s: %(event)s.")) % {
            "time": time,
            "event": clock_event_words(reason["code"], reason.get("proof")),
        }
    return gettext(text) % {
        "time": time,
        "event": clock_event_words(reason.get("event", "")),
        "grade": grade_words(reason["grade"]) if "grade" in reason else "",
        "question": _question_words(reason.get("question", "")),
        "value": reason.get("value", ""),
        "by": actor_words(reason.get("by") or ""),
        "second": actor_words(reason.get("confirmed_by") or ""),
        "decision": reason.get("decision", ""),
    }


def _question_words(key: str) -> str:
    question = grading_questions(list(shipped_rule_sets().values())).get(key)
    return "" if question is None else question.text["zh" if i18n.current().startswith("zh") else "en"]


def choices_of(words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the choices of a field by their codes."""
    return [(code, gettext(text)) for code, text in words.items()]


def period_words(period: Period) -> str:
    """Return the length of a period, such as 4 hours or 30 days."""
    if period.minutes:
        is_hours = period.minutes % 60 == 0
        return i18n.counted(period.minutes // 60 if is_hours else period.minutes, "hour" if is_hours else "minute")
    if period.months:
        return i18n.counted(period.months, "month")
    if period.working_days:
        return gettext(N_("%(count)s working days")) % {"count": period.working_days}
    days = i18n.counted(period.days, "day")
    return gettext(N_("%(period)s after the end of the year")) % {"period": days} if period.is_after_year else days
