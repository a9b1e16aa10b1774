"""What is new for the person on incidents that they follow or in which a note mentions them."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from flask import request
from sqlalchemy.exc import SQLAlchemyError

from incident.actions.incidents.following import read_news
from incident.core.deadlines.warnings import ENDED
from incident.core.documents.reminders import due_sentence
from incident.core.incidents.grade import ROMAN
from incident.core.values.moment import format_moment, parse_moment
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.incidents.news import NewsItem, has_unread
from incident.store.queries.news_list import unread_news
from incident.web.i18n import gettext as _
from incident.web.i18n import spoken
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, is_permitted, redirect_with_flash
from incident.web.pages.states import look
from incident.web.security import access
from incident.web.security.auth import require_caller, signed_in

SHOWN = 30
QUOTE_LIMIT = 200


@dataclass(frozen=True)
class OwnNews:
    """A change as the inbox shows it; `quote` is what somebody wrote."""

    item: NewsItem
    incident: Incident
    words: str
    quote: str

    @property
    def at(self) -> str:
        """When it changed, exactly: what came later is not marked as read with it."""
        return format_moment(self.item.at)


def own_news() -> Sequence[OwnNews]:
    """Return what the person has not read yet; nothing for a program."""
    if require_caller().person_id is None:
        return ()
    return [_shown(item, incident) for item, incident in unread_news(access.viewer(), SHOWN)]


def _shown(item: NewsItem, incident: Incident) -> OwnNews:
    return OwnNews(item, incident, news_words(item), news_quote(item))


def news_quote(item: NewsItem) -> str:
    """Return what somebody wrote, as far as the viewer may read it."""
    is_quoted = item.kind in {"closed", "declined", "action", "action_due"} or (
        item.kind == "mentioned" and is_permitted("journal.read")
    )
    return item.words[:QUOTE_LIMIT] if is_quoted else ""


def news_words(item: NewsItem) -> str:
    """Return what has changed in a sentence."""
    match item.kind:
        case "grade":
            return _("The grade is now %(grade)s.", grade=ROMAN.get(int(item.words or 0), "–"))
        case "status":
            return _("The status is now: %(status)s.", status=look(f"incident.{item.words}").words)
        case "owner" if item.words:
            return _("%(name)s is now the owner.", name=spoken(item.words))
        case "owner":
            return _("The incident has no owner any more.")
        case "closed":
            return _("The incident is closed.")
        case "deadline" if item.words == str(ENDED):
            return _("A report to an authority is overdue.")
        case "deadline":
            return _("A report to an authority is due: %(percent)s %% of the time has passed.", percent=item.words)
        case "declined":
            return _("What you proposed was declined.")
        case "action":
            return _("An action of the review after closing is yours.")
        case "action_due":
            return _("Your action of the review after closing is due soon, or overdue.")
        case "paperwork":
            sentence, number = due_sentence(item.words)
            return _(sentence, number=number or _("work secret"))
    return _("A note mentions you.")


def note_news_read(incident: Incident) -> None:
    """Mark what is new on an incident as read when the person opens its page."""
    asking = require_caller()
    if asking.person_id is None or not has_unread(asking.person_id, incident.id):
        return
    try:
        read_news(asking.person_id, incident.id, asking.actor, now())
    except SQLAlchemyError as error:  # the page itself matters more
        db.session.rollback()
        structlog.get_logger().warning("news could not be marked as read", error=str(error))


@pages.post("/inbox/news/read")
@signed_in
def read_news_form() -> Page:
    """Mark everything that was shown as new to the person as read; what has come since stays new."""
    asking, shown_until = require_caller(), request.form.get("until")
    until = parse_moment(shown_until, "/until") if shown_until else None
    if asking.person_id is not None:
        read_news(asking.person_id, None, asking.actor, now(), until)
    return redirect_with_flash("/inbox", "news_read")
