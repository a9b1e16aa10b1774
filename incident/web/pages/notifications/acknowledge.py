"""The acknowledge link of a message: a page with buttons; only the buttons change the state of the notice."""

from dataclasses import dataclass

import flask
import structlog
from flask import g, make_response, render_template, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import NotFound

from incident.actions.notifications.acknowledge_links import link_of, linked_notice, message_of_token
from incident.actions.notifications.answers import answer_notice
from incident.actions.notifications.notice_events import AnswerSource, note_opened
from incident.core.notifications.acknowledge_link import AcknowledgeLink, answers_by_link, link_state
from incident.core.notifications.notice import REASON_LIMIT, Answer
from incident.core.values.error_messages import say
from incident.core.values.faults import RuleError
from incident.core.values.text import one_line
from incident.store.db.database import db
from incident.store.directory.departments import Contact, Department
from incident.store.incidents.incidents import Incident
from incident.store.notifications import messages
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice, incident_of
from incident.web.http.errors import status_of
from incident.web.i18n import gettext
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.notifications.notice_deadlines import notice_deadlines
from incident.web.security.auth import public
from incident.web.security.client import client_address
from incident.web.security.headers import LINK_REFERRER

EVIDENCE_LIMIT = 200
STATUSES = {"declined": 409, "expired": 410, "older": 409, "withdrawn": 409}


@dataclass(frozen=True)
class Linked:
    """The subject of a link."""

    message: Message
    notice: Notice
    incident: Incident | None
    department: Department
    contact: Contact

    @property
    def link(self) -> AcknowledgeLink:
        """The link itself, on which the rule decides."""
        return link_of(self.message)

    @property
    def state(self) -> str:
        """The state of the notice; `older` and `expired` when the link is no longer valid."""
        found = link_state(self.link, linked_notice(self.notice), now())
        return self.notice.state if found in ("valid", "finished") else found

    @property
    def possible(self) -> frozenset[Answer]:
        """The answers that would change the state."""
        incident = self.incident if self.notice.purpose == "handling" else None
        is_closed = incident is not None and incident.status == "closed"
        return answers_by_link(self.link, linked_notice(self.notice), now(), is_closed=is_closed)

    @property
    def actor(self) -> str:
        """The actor of this link in the journal."""
        return f"link:{self.message.webhook_id}:{self.contact.name}"

    @property
    def trace(self) -> AnswerSource:
        """The origin of an answer by this link: the User-Agent and the client's address."""
        agent = one_line(request.headers.get("User-Agent", ""), EVIDENCE_LIMIT)
        evidence = {"agent": agent, "address": client_address()}
        return AnswerSource("link", self.message.id, self.contact.id, self.link, evidence)


@pages.get("/acknowledge/<token>")
@public
def acknowledge_page(token: str) -> flask.Response:
    """Show the notice; a GET changes no state, because mail scanners follow links, but is recorded once."""
    linked = _linked(token)
    if request.method == "GET" and linked.possible:
        linked = _noted(linked, token)
    return _answer(linked, token, None, 410 if linked.state == "expired" else 200)


def _noted(linked: Linked, token: str) -> Linked:
    try:
        note_opened(linked.message, linked.actor, linked.trace, now())
    except SQLAlchemyError as error:  # recording that it was opened matters less than the page itself
        db.session.rollback()
        structlog.get_logger().warning("an opened message could not be recorded", error=str(error))
    return _linked(token)


@pages.post("/acknowledge/<token>")
@public
def acknowledge_by_link(token: str) -> flask.Response:
    """Acknowledge by link: the token alone authorizes, without a session, body or origin."""
    return _say(token, "acknowledged", None)


@pages.post("/acknowledge/<token>/accept")
@public
def accept_by_link(token: str) -> flask.Response:
    """Accept the work by link."""
    return _say(token, "accepted", request.form.get("reason"))


@pages.post("/acknowledge/<token>/decline")
@public
def decline_by_link(token: str) -> flask.Response:
    """Decline the work by link, with a reason."""
    return _say(token, "declined", request.form.get("reason"))


def _say(token: str, kind: Answer, reason: str | None) -> flask.Response:
    linked = _linked(token)
    try:
        done = answer_notice(linked.notice.id, kind, linked.actor, linked.trace, now(), reason)
    except RuleError as fault:
        return _refused(_linked(token), token, fault)
    return _answer(_linked(token), token, kind if done.has_counted else "before", 200)


def _refused(linked: Linked, token: str, fault: RuleError) -> flask.Response:
    """Say why nothing was changed, unless the page itself already says so."""
    is_plain = linked.state in STATUSES and fault.kind == "conflict"
    words = None if is_plain else say(fault.code, fault.arguments, gettext)
    return _answer(linked, token, "refused", STATUSES.get(linked.state, status_of(fault)), words)


def _linked(token: str) -> Linked:
    webhook_id = message_of_token(current_instance().ring, token)
    message = messages.message_by_webhook_id(webhook_id) if webhook_id else None
    if message is None:
        raise NotFound
    notice = db.session.get_one(Notice, message.notice_id)
    contact = db.session.get_one(Contact, message.contact_id)
    g.own_language = contact.language
    return Linked(message, notice, incident_of(notice), db.session.get_one(Department, notice.department_id), contact)


def _answer(linked: Linked, token: str, said: str | None, status: int, fault: str | None = None) -> flask.Response:
    incident = linked.incident
    page = render_template(
        "public/acknowledge.html",
        answered=said,
        contact=linked.contact,
        deadline=notice_deadlines([linked.notice]).get(linked.notice.id),
        department=linked.department,
        refusal=fault,
        incident=incident,
        is_withheld=incident is not None and incident.tlp == "red",
        message=linked.message,
        most=REASON_LIMIT,
        notice=linked.notice,
        number=None if incident is None else incident.number,
        possible=linked.possible,
        reason=request.form.get("reason", ""),
        state=linked.state,
        token=token,
    )
    answer = make_response(page, status)
    answer.headers["Referrer-Policy"] = LINK_REFERRER
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer
