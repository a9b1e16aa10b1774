"""The sentences of the timeline about statutory clocks and filings."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from incident.actions.rule_set_versions import rule_set_called
from incident.core.deadlines.warnings import ENDED
from incident.core.incidents.grade import ROMAN
from incident.data.reporting_regimes import shipped_regimes
from incident.store.journal.journal import Entry
from incident.web import i18n
from incident.web.i18n import gettext as _
from incident.web.pages.names import (
    Detail,
    Names,
    Saying,
    actor_words,
    clock_event_words,
    department_called,
    regime_words,
)
from incident.web.pages.states import look
from incident.web.pages.template_filters import zone

CLOCK_ICONS: Final = {
    "clock.filed": ("send", "good"),
    "clock.filing_returned": ("arrow-back-up", "bad"),
    "clock.filing_revocation_proposed": ("circle-x", "warn"),
    "clock.filing_revoked": ("circle-x", "bad"),
    "clock.resumed": ("clock", "warn"),
    "clock.suspended": ("player-pause", "warn"),
    "clock.waived": ("ban", "warn"),
    "clock.warned": ("bell-ringing", "bad"),
    "figure.confirmed": ("checks", "good"),
    "figure.withdrawn": ("arrow-back-up", "warn"),
    "grading_rules.published": ("scale", "live"),
    "grading_rules.retired": ("scale", "warn"),
    "incident.grading_changed": ("scale", "warn"),
    "incident.grading_rules_changed": ("scale", "warn"),
    "incident.approval_declined": ("circle-x", "warn"),
    "incident.approval_expired": ("hourglass", "warn"),
    "incident.awareness_proposed": ("eye", "warn"),
    "incident.awareness_recorded": ("eye", "live"),
    "incident.clock_event_corrected": ("edit", "warn"),
    "incident.clock_event_proposed": ("edit", "warn"),
    "incident.clock_event_recorded": ("note", "live"),
    "incident.clock_event_withdrawn": ("circle-x", "warn"),
    "incident.clocks_changed": ("clock", "warn"),
    "incident.decision_reviewed": ("eye", "live"),
    "incident.handling_ended": ("flag", "good"),
    "incident.handling_proposed": ("flag", "warn"),
    "incident.not_reportable_decided": ("gavel", "live"),
    "incident.not_reportable_ended": ("gavel", "warn"),
    "incident.not_reportable_proposed": ("gavel", "warn"),
    "incident.review_due": ("hourglass", "warn"),
}


def _aware(detail: Detail, entry: Entry, _names: Names) -> str:
    about = {"time": _time(detail.get("at")), "who": detail.get("who"), "how": detail.get("how")}
    if entry.event_type == "incident.awareness_proposed":
        return _("A later awareness is proposed, %(time)s: %(who)s, %(how)s", **about)
    return _("Known since %(time)s: %(who)s, %(how)s", **about)


def _changed(detail: Detail, _entry: Entry, _names: Names) -> str:
    changes = "; ".join(_change(one) for one in detail.get("clocks") or [])
    return _("Statutory clocks: %(changes)s", changes=changes)


def _change(one: Mapping[str, Any]) -> str:
    about = {"clock": _clock(one), "state": look(f"clock.{one['state']}").words, "time": _time(one.get("due_at"))}
    if about["time"]:
        return _("%(clock)s %(state)s, due %(time)s", **about)
    return _("%(clock)s %(state)s", **about)


def _filed(detail: Detail, _entry: Entry, names: Names) -> str:
    about = {"clock": _clock(detail), "to": detail.get("to"), "time": _time(detail.get("at"))}
    if detail.get("is_oral"):
        return _("%(clock)s announced to %(to)s at %(time)s", **about)
    told = _("%(clock)s filed to %(to)s at %(time)s", **about)
    if not detail.get("departments"):
        return told
    comma = i18n.comma()
    received = comma.join(department_called(names, code) for code in detail["departments"])
    return _("%(told)s, received by %(names)s", told=told, names=received)


def _corrected_filing(detail: Detail, entry: Entry, _names: Names) -> str:
    about = {"clock": _clock(detail), "to": detail.get("to"), "time": _time(detail.get("at"))}
    match entry.event_type:
        case "clock.filing_returned":
            returned = {"returned": _time(detail.get("returned_at")), "reason": detail.get("reason")}
            return _(
                "%(clock)s: filing to %(to)s of %(time)s returned at %(returned)s: %(reason)s", **about, **returned
            )
        case "clock.filing_revoked":
            name = actor_words(detail.get("proposed_by", ""))
            return _("%(clock)s: filing to %(to)s of %(time)s revoked, proposed by %(name)s", **about, name=name)
    return _("%(clock)s: proposed to revoke the filing to %(to)s of %(time)s", **about)


def _set_aside(detail: Detail, entry: Entry, _names: Names) -> str:
    about = {"clock": _clock(detail)}
    match entry.event_type:
        case "clock.waived":
            return _("%(clock)s waived", **about)
        case "clock.suspended":
            return _("%(clock)s suspended", **about)
    return _("%(clock)s runs again", **about)


def _warned(detail: Detail, _entry: Entry, names: Names) -> str:
    about = {
        "clock": _clock(detail),
        "percent": detail.get("percent"),
        "departments": ", ".join(department_called(names, one) for one in detail.get("departments") or []),
        "time": _time(detail.get("due_at")),
    }
    if not about["departments"]:
        return _("%(clock)s, due %(time)s: there is no department to warn", **about)
    if detail.get("is_repeated"):
        return _("%(clock)s has been overdue since %(time)s; reminded: %(departments)s", **about)
    if detail.get("percent") == ENDED:
        return _("%(clock)s was due at %(time)s and has not been filed; warned: %(departments)s", **about)
    return _("%(clock)s, due %(time)s: %(percent)s %% of the time has passed; warned: %(departments)s", **about)


def _corrected_event(detail: Detail, entry: Entry, _names: Names) -> str:
    about = {"event": clock_event_words(detail.get("kind", "")), "before": _time(detail.get("before"))}
    time = _time(detail.get("at"))
    if entry.event_type == "incident.clock_event_withdrawn":
        name = actor_words(detail.get("proposed_by", ""))
        return _("Withdrawn: %(event)s, %(before)s. Proposed by %(name)s", **about, name=name)
    if entry.event_type == "incident.clock_event_corrected":
        return _("Corrected: %(event)s, %(time)s instead of %(before)s", **about, time=time)
    if time:
        return _("Later time proposed: %(event)s, %(time)s instead of %(before)s", **about, time=time)
    return _("Proposed to withdraw: %(event)s, %(before)s", **about)


def _handled(detail: Detail, entry: Entry, _names: Names) -> str:
    time = _time(detail.get("at"))
    if entry.event_type == "incident.handling_proposed":
        return _("A later end of handling is proposed, %(time)s. A second person must confirm it", time=time)
    return _("Handling ended at %(time)s", time=time) if time else _("Handling goes on")


def _unreported(detail: Detail, entry: Entry, _names: Names) -> str:
    law = regime_words(detail.get("regime", ""))
    match entry.event_type:
        case "incident.not_reportable_proposed":
            return _("Proposed not to report by: %(law)s. A second person must confirm it", law=law)
        case "incident.not_reportable_decided":
            about = {"law": law, "name": actor_words(detail.get("proposed_by", ""))}
            words = _("Decided not to report by: %(law)s. Proposed by %(name)s", **about)
            return "; ".join((words, *review_words(detail)))
    causes = {
        "answers": _("an answer has changed"),
        "grade": _("the grade was decided"),
        "growth": _("it goes on"),
        "profile": _("the profile has changed"),
        "reopened": _("the incident was reopened"),
        "rules": _("the rules of grading have changed"),
        "sector": _("the sector has changed"),
    }
    cause = causes.get(detail.get("cause", ""), _("it was taken back"))
    return _("The decision not to report no longer stands, %(cause)s: %(law)s", cause=cause, law=law)


def _reviewed(detail: Detail, entry: Entry, _names: Names) -> str:
    kinds = {
        "awareness": _("later awareness"),
        "clock_event": _("correction of an event"),
        "filing_revocation": _("revocation of a filing"),
        "grade": _("grade"),
        "handling_ended": _("later end of handling"),
        "not_reportable": _("not to be reported"),
    }
    kind = kinds.get(detail.get("kind", ""), "")
    match entry.event_type:
        case "incident.approval_declined":
            about = {"kind": kind, "name": actor_words(detail.get("by", "")), "reason": detail.get("reason")}
            return _("Declined what %(name)s proposed: %(kind)s. Reason: %(reason)s", **about)
        case "incident.approval_expired":
            return _("No second person confirmed in time what was proposed: %(kind)s", kind=kind)
        case "incident.review_due" if detail.get("cause") == "time":
            return _("A day has passed; the decision must be reviewed: %(kind)s", kind=kind)
        case "incident.review_due" if detail.get("cause") == "rules":
            return _("The rules of grading have changed; the decision must be reviewed: %(kind)s", kind=kind)
        case "incident.review_due" if detail.get("cause") in ("growth", "sector", "profile", "reopened"):
            return _("The grade that is possible has changed; the decision must be reviewed: %(kind)s", kind=kind)
        case "incident.review_due":
            return _("An answer has changed; the decision must be reviewed: %(kind)s", kind=kind)
    return _("The decision was reviewed and stands: %(kind)s", kind=kind)


def _figure(detail: Detail, entry: Entry, _names: Names) -> str:
    source, cell = detail.get("source", ""), detail.get("cell", "")
    about = {"source": _title_of_rules(source) or regime_words(source), "cell": cell, "where": detail.get("read_in")}
    if entry.event_type == "figure.withdrawn":
        return _("Confirmation of a figure withdrawn: %(source)s, %(cell)s", **about)
    return _("Figure confirmed: %(source)s, %(cell)s, read in %(where)s", **about)


def _title_of_rules(key: str) -> str:
    rules, language = rule_set_called(key), "zh" if i18n.current().startswith("zh") else "en"
    return "" if rules is None else rules.title[language]


def _rules(detail: Detail, entry: Entry, _names: Names) -> str:
    if entry.event_type == "incident.grading_rules_changed":
        grades = {name: ROMAN.get(detail.get(name, 0), "–") for name in ("certain", "possible")}
        about = {"rules": _title_of_rules(detail.get("rule_set", "")), **grades}
        return _("%(rules)s has changed: the answers now prove %(certain)s, and %(possible)s is possible", **about)
    about = {"rules": _title_of_rules(detail.get("id", "")), "version": detail.get("version", "")}
    if entry.event_type == "grading_rules.retired":
        return _("Rule set retired: %(rules)s. Reason: %(reason)s", **about, reason=detail.get("reason"))
    return _("Rule set published: %(rules)s, version %(version)s", **about)


def _graded(detail: Detail, _entry: Entry, _names: Names) -> str:
    about = {name: ROMAN.get(detail.get(name, 0), "–") for name in ("certain", "possible")}
    match detail.get("cause"):
        case "growth":
            return _("It goes on: the answers now prove %(certain)s, and %(possible)s is possible", **about)
        case "sector":
            return _("Another sector: the answers now prove %(certain)s, and %(possible)s is possible", **about)
        case "profile":
            return _("The profile has changed: the answers now prove %(certain)s, %(possible)s is possible", **about)
    return _("Reopened: the answers now prove %(certain)s, and %(possible)s is possible", **about)


def review_words(detail: Detail) -> list[str]:
    """Return the words for when somebody must look again at a decision, if anybody must."""
    time = _time(detail.get("review_due_at"))
    return [_("a review is due at %(time)s", time=time)] if time else []


def _clock(detail: Detail) -> str:
    """Name a clock by its law and its stage, as the present data calls them."""
    regime = shipped_regimes().get(detail.get("regime", ""))
    titles = {} if regime is None else {one.key: one.title for one in regime.stages}
    if regime is None or detail.get("stage") not in titles:
        return _("Statutory clock")
    language = "zh" if i18n.current().startswith("zh") else "en"
    return f"{regime.title[language]}, {titles[detail['stage']][language]}"


def _time(text: Any) -> str:
    return i18n.full(dt.datetime.fromisoformat(str(text)), zone()) if text else ""


CLOCK_SENTENCES: Final[Mapping[str, Saying]] = {
    "clock.filed": _filed,
    "clock.filing_returned": _corrected_filing,
    "clock.filing_revocation_proposed": _corrected_filing,
    "clock.filing_revoked": _corrected_filing,
    "clock.resumed": _set_aside,
    "clock.suspended": _set_aside,
    "clock.waived": _set_aside,
    "clock.warned": _warned,
    "incident.awareness_proposed": _aware,
    "incident.awareness_recorded": _aware,
    "incident.clock_event_corrected": _corrected_event,
    "incident.clock_event_proposed": _corrected_event,
    "incident.clock_event_withdrawn": _corrected_event,
    "incident.clocks_changed": _changed,
    "figure.confirmed": _figure,
    "figure.withdrawn": _figure,
    "grading_rules.published": _rules,
    "grading_rules.retired": _rules,
    "incident.grading_changed": _graded,
    "incident.grading_rules_changed": _rules,
    "incident.approval_declined": _reviewed,
    "incident.approval_expired": _reviewed,
    "incident.decision_reviewed": _reviewed,
    "incident.handling_ended": _handled,
    "incident.handling_proposed": _handled,
    "incident.not_reportable_decided": _unreported,
    "incident.not_reportable_ended": _unreported,
    "incident.not_reportable_proposed": _unreported,
    "incident.review_due": _reviewed,
}
