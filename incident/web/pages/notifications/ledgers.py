"""The ledger of an incident, and its certificate of notice: read, print and download."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import flask

from incident import certifying
from incident.actions.notifications.certificates import Issued, issue_certificate
from incident.core.values.error_messages import N_
from incident.store.db.database import to_json
from incident.store.directory import departments
from incident.store.incidents.incidents import Incident
from incident.store.queries.ledger import LedgerLine, ledger_of
from incident.web.i18n import gettext
from incident.web.instance import certificate_key, current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, render
from incident.web.pages.notifications.notice_deadlines import notice_deadlines
from incident.web.pages.states import Look
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

NOTICE_EVENT_KINDS: Final[Mapping[str, Look]] = {
    "notified": Look(N_("level notified"), "warn", "bell-ringing"),
    "nobody_notified": Look(N_("no one could be notified"), "bad", "alert-triangle"),
    "held": Look(N_("held back in quiet hours"), "quiet", "clock"),
    "queued": Look(N_("queued"), "quiet", "clock"),
    "sent": Look(N_("sent"), "quiet", "send"),
    "provider_accepted": Look(N_("accepted by the provider"), "live", "check"),
    "delivered": Look(N_("delivered"), "good", "checks"),
    "failed": Look(N_("not accepted"), "bad", "x"),
    "unknown": Look(N_("outcome unknown"), "warn", "alert-triangle"),
    "not_needed": Look(N_("no longer needed"), "quiet", "ban"),
    "opened": Look(N_("opened"), "live", "eye"),
    "acknowledged": Look(N_("acknowledged"), "good", "check"),
    "accepted": Look(N_("work accepted"), "good", "circle-check"),
    "declined": Look(N_("declined"), "bad", "circle-x"),
    "done": Look(N_("done"), "good", "checks"),
    "reminded": Look(N_("reminded"), "warn", "bell"),
    "exhausted": Look(N_("all levels notified, no one acknowledged"), "bad", "alert-triangle"),
    "withdrawn": Look(N_("withdrawn"), "quiet", "arrow-back-up"),
}
"""Icon and colour of each fact."""

VIAS: Final = {
    "api": N_("by a program"),
    "scheduler": N_("by the scheduler"),
    "close": N_("with the incident"),
    "deadline": N_("with the deadline"),
    "review": N_("with the review"),
    "document": N_("with the paper or the document"),
    "inbox": N_("in the inbox"),
    "link": N_("by the link of a message"),
    "page": N_("on the page of the incident"),
}


@pages.get("/incidents/<number>/ledger")
@needs("notice.read")
def ledger(number: str) -> Page:
    """Show every fact of an incident's notices in order of time."""
    incident = access.visible_incident(number)
    notices, is_whole = access.visible_notices(incident)
    lines = ledger_of(incident.number, notices)
    return _show("ledgers/ledger.html", incident, lines, notices=notices, is_whole=is_whole)


@pages.get("/incidents/<number>/certificate")
@needs("notice.read")
def certificate(number: str) -> Page:
    """Issue a certificate and show it for printing."""
    incident = access.visible_incident(number)
    issued, is_whole = _issue(incident)
    key = certificate_key().public
    return _show(
        "ledgers/certificate.html",
        incident,
        list(issued.lines),
        certificate=issued.document["certificate"],
        issued_at=dt.datetime.fromisoformat(issued.document["certificate"]["issued_at"]),
        signature=issued.document["signature"],
        key=certifying.short_of(key),
        is_whole=is_whole,
        notices=access.visible_notices(incident)[0],
    )


@pages.get("/incidents/<number>/certificate.json")
@needs("notice.read")
def certificate_file(number: str) -> flask.Response:
    """Issue a certificate as a file that can be verified."""
    incident = access.visible_incident(number)
    made = flask.Response(to_json(_issue(incident)[0].document), content_type="application/json")
    made.headers["Content-Disposition"] = f'attachment; filename="{incident.number}-certificate.json"'
    return made


def _issue(incident: Incident) -> tuple[Issued, bool]:
    notices, is_whole = access.visible_notices(incident)
    url = current_instance().settings.public_url or ""
    actor = require_caller().actor
    return issue_certificate(incident, notices, certificate_key(), url, actor, now(), is_whole=is_whole), is_whole


def _show(template: str, incident: Incident, lines: list[LedgerLine], **values: Any) -> Page:
    notices = access.visible_notices(incident)[0]
    known = departments.departments_of({one.department_id for one in notices})
    reports = notice_deadlines(notices)
    names = {one.id: known[one.department_id].name for one in notices}
    reports_of = {notice_id: one.report for notice_id, one in reports.items()}
    return render(
        template,
        it=incident,
        lines=lines,
        names=names,
        reports=reports_of,
        looks_of=NOTICE_EVENT_KINDS,
        via_words=_via_words,
        **values,
    )


def _via_words(via: str | None) -> str:
    return gettext(VIAS[via]) if via in VIAS else via or ""
