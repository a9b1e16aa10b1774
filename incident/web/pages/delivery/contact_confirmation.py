"""The confirmation link of a test message: a page with a button that confirms the receipt."""

import datetime as dt

import flask
from flask import g, make_response, render_template
from werkzeug.exceptions import NotFound

from incident.actions.delivery import contact_checks
from incident.actions.delivery.contacts import read_confirmation_token
from incident.store.db.database import db
from incident.store.directory.departments import Contact, Department
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.security.auth import public
from incident.web.security.headers import LINK_REFERRER

LINK_FOR = dt.timedelta(days=7)
"""How long a link is valid after its message."""


@pages.get("/reached/<token>")
@public
def reached_page(token: str) -> flask.Response:
    """Show the confirmation page; a GET changes nothing, because mail scanners follow links."""
    contact, sent_at = _confirmed_contact(token)
    return _answer(contact, token, "expired" if now() >= sent_at + LINK_FOR else "open")


@pages.post("/reached/<token>")
@public
def confirm_reached(token: str) -> flask.Response:
    """Confirm the receipt: the token alone authorizes, without a session, body or origin."""
    contact, sent_at = _confirmed_contact(token)
    if now() >= sent_at + LINK_FOR:
        return _answer(contact, token, "expired")
    return _answer(contact_checks.confirm(contact.id, sent_at, now()), token, "confirmed")


def _confirmed_contact(token: str) -> tuple[Contact, dt.datetime]:
    confirmed = read_confirmation_token(current_instance().ring, token)
    contact = db.session.get(Contact, confirmed[0]) if confirmed else None
    if confirmed is None or contact is None:
        raise NotFound
    g.own_language = contact.language
    return contact, confirmed[1]


def _answer(contact: Contact, token: str, state: str) -> flask.Response:
    department = db.session.get_one(Department, contact.department_id)
    page = render_template("public/reached.html", contact=contact, department=department, state=state, token=token)
    answer = make_response(page, 410 if state == "expired" else 200)
    answer.headers["Referrer-Policy"] = LINK_REFERRER
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer
