"""The account page: password and sessions; and the page of a link that sets a password."""

import flask
from flask import g, make_response, request, url_for

from incident.actions.directory import accounts, people
from incident.actions.incidents.following import choose_news_mail
from incident.core.directory.browser import browser_name
from incident.core.directory.password import PASSWORD_LEAST
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.directory.devices import devices_of
from incident.store.directory.people import Person, live_sessions
from incident.store.queries.device_uses import last_uses
from incident.store.queries.news_mail import address_of
from incident.web.http.errors import status_of
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.directory.sign_in import browser, with_session
from incident.web.pages.frame import Page, redirect_with_flash, render, submit
from incident.web.security.auth import Caller, public, require_caller, signed_in
from incident.web.security.client import client_address
from incident.web.security.failed_sign_ins import PASSWORD_REASONS, log_failed_sign_in
from incident.web.security.headers import LINK_REFERRER


def own_ids() -> tuple[Caller, int, int]:
    """Return the signed-in person with the ids of person and session; a program has no account."""
    asking = require_caller()
    if asking.person_id is None or asking.session_id is None:
        flask.abort(404)
    return asking, asking.person_id, asking.session_id


@pages.get("/account")
@signed_in
def account() -> Page:
    """Show the account page."""
    _, person_id, session_id = own_ids()
    person = db.session.get_one(Person, person_id)
    devices = devices_of(person_id)
    return render(
        "account/account.html",
        browser_name=browser_name,
        device_uses=last_uses([one.contact_id for one in devices]),
        devices=devices,
        can_mail=current_instance().settings.smtp_url is not None,
        has_password=person.password_hash is not None,
        least=PASSWORD_LEAST,
        is_mailed=person.is_mailed,
        login=person.login,
        mail_address=address_of(person_id),
        own=session_id,
        sessions=live_sessions(person_id, now()),
    )


@pages.post("/account/password")
@signed_in
def change_password() -> Page:
    """Change the password of the signed-in person."""
    _, person_id, session_id = own_ids()
    current, new = request.form.get("current", ""), request.form.get("new", "")

    def use_case() -> None:
        try:
            accounts.change_password(person_id, session_id, current, new, now(), client_address())
        except RuleError as fault:
            log_failed_sign_in(fault, PASSWORD_REASONS)
            raise

    return submit(use_case, account, lambda: url_for("pages.account"), "password_changed")


@pages.post("/account/mail")
@signed_in
def choose_mail() -> Page:
    """Switch the mail about followed incidents on or off for the signed-in person."""
    asking, person_id, _ = own_ids()
    choose_news_mail(person_id, asking.actor, now(), is_wanted=request.form.get("is_mailed") == "yes")
    return redirect_with_flash(url_for("pages.account"), "mail_chosen")


@pages.post("/account/sessions/<int(max=2147483647):session_id>/end")
@signed_in
def end_session(session_id: int) -> Page:
    """End one session of the signed-in person."""
    asking, person_id, _ = own_ids()
    use_case = lambda: accounts.end_own_session(person_id, session_id, asking.actor, now())  # noqa: E731
    return submit(use_case, account, lambda: url_for("pages.account"), "session_ended")


@pages.post("/account/sessions/end")
@signed_in
def end_other_sessions() -> Page:
    """End all sessions of the signed-in person except the current one."""
    asking, person_id, session_id = own_ids()
    accounts.end_other_sessions(person_id, session_id, asking.actor, now())
    return redirect_with_flash(url_for("pages.account"), "session_ended")


@pages.get("/password/<token>")
@public
def set_password(token: str) -> Page:
    """Show the password form of the person to whom a link belongs."""
    return _form(token)


@pages.post("/password/<token>")
@public
def enter_password(token: str) -> Page:
    """Set the password and sign in."""
    try:
        person = accounts.set_password_by_link(token, request.form.get("password", ""), now())
    except RuleError as fault:
        if fault.kind == "gone":
            raise
        g.faults = fault.all
        return _form(token, status_of(fault))
    return with_session(
        redirect_with_flash(url_for("pages.home"), "password_changed"), people.open_session(person, now(), browser())
    )


def _form(token: str, status: int = 200) -> Page:
    person = accounts.person_of_link(token, now())
    answer = make_response(render("account/set_password.html", status, least=PASSWORD_LEAST, login=person.login))
    answer.headers["Referrer-Policy"] = LINK_REFERRER
    return answer
