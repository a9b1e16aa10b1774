"""Representations of escalation policies and their preview in the API."""

from flask_babel import gettext

from incident.actions.notifications.escalation import policy_of
from incident.actions.notifications.previewing import Preview, PreviewStep
from incident.core.notifications.policy import Policy
from incident.core.notifications.preview_labels import warning_words
from incident.core.values.duration import format_duration
from incident.core.values.moment import format_moment
from incident.store.directory.departments import Department
from incident.web.api.document_parts import Document, moment


def policy_document(department: Department) -> Document:
    """Serialize the escalation policy of a department, or the default policy."""
    return policy_of(department).to_json()


def preview_document(preview: Preview) -> Document:
    """Serialize the escalation that follows if no one acknowledges."""
    return {
        "items": [_item(preview.policy, item) for item in preview.items],
        "exhausted_at": format_moment(preview.exhausted_at),
        "warnings": [
            {
                "code": one.code,
                "level": one.level,
                "at": moment(one.at),
                "detail": warning_words(one.code, one.level, one.arguments, gettext),
            }
            for one in preview.warnings
        ],
    }


def _item(policy: Policy, item: PreviewStep) -> Document:
    return {
        "at": format_moment(item.at),
        "level": item.level,
        "round": item.round,
        "notify": list(policy.levels[item.level - 1].notify),
        "people": list(item.found.people),
        "contacts": [
            {
                "name": recipient.contact.name,
                "channel": recipient.contact.channel,
                "after": format_duration(recipient.after),
            }
            for recipient in item.found.recipients
        ],
        "is_gap": item.is_gap,
        "is_held": item.is_held,
        "next_at": format_moment(item.next_at),
    }
