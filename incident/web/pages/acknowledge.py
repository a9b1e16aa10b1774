"""The acknowledge link of a message: a page with a button; only the button changes anything."""

import datetime as dt
from dataclasses import dataclass

import flask
from flask import g, make_response, render_template
from werkzeug.exceptions import NotFound

from incident.actions.answers import acknowledge_notice
from incident.actions.deliver import message_of_token
from incident.core.faults import RuleError
from incident.store import messages
from incident.store.database import db
from incident.store.departments import Contact, Department
from incident.store.incidents import Incident
from incident.store.messages import Message
from incident.store.notices import Notice
from incident.web.auth import public
from incident.web.instance import here, now
from incident.web.pages.blueprint import pages
from incident.web.security import LINK_REFERRER

LINK_FOR = dt.timedelta(days=7)
"""How long after its message a link works."""

STATUSES = {"declined": 409, "expired": 410, "older": 409, "withdrawn": 409}


@dataclass(frozen=True)
class Linked:
    """What a link is about."""

    message: Message
    notice: Notice
    incident: Incident
    department: Department
    contact: Contact

    @property
    def state(self) -> str:
        """What can be done by the link: `open` when the button counts, else why it does not."""
        if self.notice.state not in {"open", "exhausted"}:
            return self.notice.state
        if self.message.created_at < self.notice.opened_at:
            return "older"
        return "expired" if now() >= self.message.created_at + LINK_FOR else "open"


@pages.get("/acknowledge/<token>")
@public
def acknowledge_page(token: str) -> flask.Response:
    """Show what is to be acknowledged; looking changes nothing, as mail scanners follow links."""
    linked = _linked(token)
    return _answer(linked, token, linked.state, 410 if linked.state == "expired" else 200)


@pages.post("/acknowledge/<token>")
@public
def acknowledge_by_link(token: str) -> flask.Response:
    """Acknowledge by link: no session, no body and no origin is asked for; the token alone speaks."""
    linked = _linked(token)
    state = linked.state
    if state == "open":
        by = f"link:{linked.message.webhook_id}:{linked.contact.name}"
        try:
            done = acknowledge_notice(linked.notice.id, by, "link", now(), sent_at=linked.message.created_at)
        except RuleError:  # somebody else was quicker: the page says how it stands now
            state = _linked(token).state
        else:
            state = "counted" if done.has_counted else _linked(token).state
        linked = _linked(token)
    return _answer(linked, token, state, STATUSES.get(state, 200))


def _linked(token: str) -> Linked:
    webhook_id = message_of_token(here().ring, token)
    message = messages.message_by_webhook_id(webhook_id) if webhook_id else None
    if message is None:
        raise NotFound
    notice = db.session.get_one(Notice, message.notice_id)
    contact = db.session.get_one(Contact, message.contact_id)
    g.own_language = contact.language
    incident = db.session.get_one(Incident, message.incident_id)
    return Linked(message, notice, incident, db.session.get_one(Department, notice.department_id), contact)


def _answer(linked: Linked, token: str, state: str, status: int) -> flask.Response:
    page = render_template(
        "public/acknowledge.html",
        contact=linked.contact,
        department=linked.department,
        incident=linked.incident,
        is_withheld=linked.incident.tlp == "red",
        message=linked.message,
        notice=linked.notice,
        number=linked.incident.number,
        state=state,
        token=token,
    )
    answer = make_response(page, status)
    answer.headers["Referrer-Policy"] = LINK_REFERRER
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer
