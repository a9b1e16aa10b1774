"""Messages sent, or in a demonstration withheld: each as its receiver sees it."""

import json
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import flask
from flask import make_response, request, url_for

from incident.actions.delivery.contacts import signal_to
from incident.actions.delivery.deliver import message_facts
from incident.core.notifications.message import PUSH, data_of
from incident.formats.messages import Written
from incident.store.db.database import db
from incident.store.directory.departments import Contact
from incident.store.incidents.incidents import Incident
from incident.store.incidents.lookups import incidents_by_id
from incident.store.notifications import messages
from incident.store.notifications.messages import Delivery, Message
from incident.store.queries.message_context import MessageContext, contact_rows, message_contexts
from incident.store.queries.outbox import latest_messages
from incident.web.contact_channels import address_of
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.instance import current_instance, is_demonstration
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, render
from incident.web.security import access
from incident.web.security.auth import needs
from incident.web.security.headers import content_security_policy

PAGE_LIMIT = 10
LONG_CHANNELS = frozenset({"email", "webhook", "inbox"})


@dataclass(frozen=True)
class Shown:
    """A message with its texts, its contact and its delivery attempts; `chat` is the short text for a chat."""

    message: Message
    contact: Contact
    address: str | None
    chat: str | None
    incident: Incident
    written: Written
    body: str
    acknowledge_path: str
    deliveries: list[Delivery]


@pages.get("/outbox")
@needs("message.read")
def outbox() -> Page:
    """List messages, the newest first, each as its receiver sees it; optionally those of one incident."""
    after = read_cursor(request.args.get("cursor"), (int,)) or (None,)
    number = request.args.get("incident", "").strip()
    found = access.visible_incident(number) if number else None
    rows = latest_messages(access.viewer(), after[0], PAGE_LIMIT + 1, None if found is None else found.id)
    shown, following = cut(rows, PAGE_LIMIT, lambda row: (row.id,))
    tries = messages.deliveries_of([row.id for row in shown])
    around = message_contexts([row.id for row in shown])
    contacts = contact_rows({row.contact_id for row in shown})
    incidents = incidents_by_id({row.incident_id for row in shown})
    page = render(
        "outbox/list.html",
        is_first="cursor" not in request.args,
        newest=url_for("pages.outbox", incident=number or None),
        of=found,
        older=url_for("pages.outbox", cursor=following, incident=number or None) if following else None,
        rows=[
            _shown(
                row,
                contacts[row.contact_id],
                incidents[row.incident_id],
                around[row.id],
                [one for one in tries if one.message_id == row.id],
            )
            for row in shown
        ],
    )
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = content_security_policy(frame_src="'self'")
    return answer


def _shown(
    row: Message, contact: Contact, incident: Incident, around: MessageContext, deliveries: list[Delivery]
) -> Shown:
    post = current_instance().post
    facts = message_facts(row, around, post, contact.language, row.ended_at or row.created_at)
    is_live = is_demonstration()
    if not is_live and facts.acknowledge_url:  # the link lets its holder answer for the department without signing in
        facts = replace(facts, acknowledge_url=f"{post.public_url}/acknowledge/…")
    is_device = contact.channel == PUSH
    written = signal_to(contact, facts, post) if is_device else post.writer.write(facts, contact.language)
    body = {"type": facts.type, "timestamp": facts.at.isoformat(), "data": data_of(facts)}
    return Shown(
        message=row,
        contact=contact,
        address=address_of(contact),
        chat=None if contact.channel in LONG_CHANNELS else _chat(written),
        incident=incident,
        written=written,
        body=json.dumps(body, ensure_ascii=False, indent=2),
        acknowledge_path=urlsplit(facts.acknowledge_url or "").path if is_live else "",
        deliveries=deliveries,
    )


def _chat(written: Written) -> str:
    return "\n".join([written.subject, written.asked, *(f"{link.words} {link.url}" for link in written.links)])


@pages.get("/outbox/<webhook_id>/mail")
@needs("message.read")
def mail(webhook_id: str) -> flask.Response:
    """Show the HTML of a mail in a frame of its own, which allows its inline styles and nothing else."""
    found = messages.message_by_webhook_id(webhook_id) if webhook_id.isprintable() else None
    row = access.require_visible(found, access.may_see_incident_of)
    contact = db.session.get_one(Contact, row.contact_id)
    incident = db.session.get_one(Incident, row.incident_id)
    written = _shown(row, contact, incident, message_contexts([row.id])[row.id], []).written
    html = written.html.replace("<head>", '<head><base target="_blank">', 1)
    answer = make_response(html)
    answer.headers["Content-Security-Policy"] = content_security_policy(
        script_src="'none'",
        style_src="'unsafe-inline'",
        frame_ancestors="'self'",
        sandbox="allow-popups allow-popups-to-escape-sandbox",
    )
    return answer
