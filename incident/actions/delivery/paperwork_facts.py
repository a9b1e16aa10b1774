"""What a message says of a paper or a document that comes due: neither its title nor its number."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from incident.actions.delivery.message_renderer import MessageRenderer
from incident.core.documents.reminders import MATTER_WORDS, MATTERS
from incident.core.notifications.message import DeadlineFacts
from incident.store.queries.message_context import MessageContext
from incident.store.queries.paperwork import paperwork_of

PAGES: Final[Mapping[str, str]] = {
    "paper": "incoming-papers/{}",
    "term": "documents/unserved",
    "unserved": "documents/{}",
}
"""The page to open, by the subject of a notice."""


def page_of_paperwork(context: MessageContext) -> str:
    """Return the path of the page of what a notice is about."""
    return PAGES[context.subject_type].format(context.subject_id)


def due_paperwork(
    context: MessageContext, language: str, now: dt.datetime, post: MessageRenderer
) -> DeadlineFacts | None:
    """Return what is due and when, None for what is no longer owed.

    Args:
        context: the data of the message.
        language: that of its contact.
        now: the moment of sending (UTC), from which the time that is left counts.
        post: has the words.
    """
    found = paperwork_of(context.subject_type, context.subject_id)
    if found is None or found.due_at is None:
        return None
    matter = next(one for one in MATTERS if one == context.subject_type)
    return DeadlineFacts(post.writer.words(MATTER_WORDS[matter], language), "", found.due_at, found.due_at - now)
