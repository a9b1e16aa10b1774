"""When devices last took a notification."""

import datetime as dt
from collections.abc import Collection, Mapping

from sqlalchemy import func, select

from incident.store.db.database import db
from incident.store.notifications.messages import Message


def last_uses(contact_ids: Collection[int]) -> Mapping[int, dt.datetime]:
    """Return when the push service last took a message for each of these contacts that got one."""
    if not contact_ids:
        return {}
    query = select(Message.contact_id, func.max(Message.ended_at)).where(
        Message.contact_id.in_(list(contact_ids)), Message.state == "sent"
    )
    found = db.session.execute(query.group_by(Message.contact_id))
    return {contact_id: at for contact_id, at in found if at is not None}
