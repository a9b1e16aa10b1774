"""Playbooks in lists as the API shows them."""

from typing import Any

from incident.core.values.moment import format_moment
from incident.web.api.document_parts import Document


def playbook_item(playbook: Any) -> Document:
    """Serialize a playbook without its content, from the playbook or a row of a list."""
    return {
        "id": playbook.cacao_id,
        "name": playbook.name,
        "modified": format_moment(playbook.modified_at),
        "hash": playbook.content_hash,
        "tlp": playbook.tlp,
        "added_at": format_moment(playbook.added_at),
    }
