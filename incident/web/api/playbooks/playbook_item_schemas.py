"""The shapes of playbooks in lists."""

from marshmallow import Schema

from incident.web.api import schema_parts
from incident.web.api.schema_parts import FaultPlace


class PlaybookItem(Schema):
    """A version of a playbook."""

    id = schema_parts.text()
    name = schema_parts.text()
    modified = schema_parts.at()
    hash = schema_parts.text("SHA-256 of the canonical JSON")
    tlp = schema_parts.maybe(
        "the strictest mark, such as TLP:AMBER; TLP:RED is seen by coordinators and administrators alone"
    )
    added_at = schema_parts.at()


class PlaybookAdded(PlaybookItem):
    """A playbook that was added."""

    warnings = schema_parts.list_of(FaultPlace, "what was noticed but does not refuse it")
