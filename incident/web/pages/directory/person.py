"""One person who signs in: the open link, the last sign-in, and where they are signed in."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from incident.actions.directory import invitations as use_cases
from incident.core.directory.browser import browser_name
from incident.store.directory.invitations import latest_links
from incident.store.directory.people import Person, live_sessions
from incident.web.account_links import can_mail
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, redirect_with_flash, render
from incident.web.security import access
from incident.web.security.access_log_writer import note_read
from incident.web.security.auth import needs, require_caller


@dataclass(frozen=True)
class OpenLink:
    """A link that sets a password and was not used: until when it works, and where it was sent."""

    until: dt.datetime
    sent_to: str | None
    is_live: bool


def open_links(rows: Sequence[Person]) -> Mapping[int, OpenLink]:
    """Return the newest unused link of each of these people."""
    found = latest_links([one.id for one in rows])
    return {key: OpenLink(one.expires_at, one.sent_to, one.expires_at > now()) for key, one in found.items()}


@pages.get("/people/<int(max=2147483647):person_id>")
@needs("person.read")
def person_page(person_id: int) -> Page:
    """Show a person: the open link and the sessions."""
    person = access.visible_person(person_id)
    note_read("person", person.id)
    return render(
        "people/person.html",
        browser_name=browser_name,
        can_mail=can_mail(),
        link=open_links([person]).get(person.id),
        one=person,
        sessions=live_sessions(person_id, now()),
    )


@pages.post("/people/<int(max=2147483647):person_id>/link/withdraw")
@needs("person.write")
def withdraw_password_link(person_id: int) -> Page:
    """Withdraw the open link of a person, such as an invitation."""
    access.visible_person(person_id)
    use_cases.withdraw_link(person_id, require_caller().actor, now())
    return redirect_with_flash(url_for("pages.person_page", person_id=person_id), "link_withdrawn")


@pages.post("/people/<int(max=2147483647):person_id>/sessions/end")
@needs("person.write")
def end_sessions_of_person(person_id: int) -> Page:
    """Sign a person out everywhere."""
    access.visible_person(person_id)
    use_cases.sign_out_everywhere(person_id, require_caller().actor, now())
    return redirect_with_flash(url_for("pages.person_page", person_id=person_id), "signed_out_everywhere")
