"""Schema of the members common to all CACAO 2.0 playbooks; `/playbooks/lint` checks the rest."""

from typing import Any

from marshmallow import INCLUDE, Schema, fields

from incident.web.api import schema_parts

_UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"


def identifier(kind: str, about: str = "") -> fields.String:
    """Return a field for an identifier of the standard (CACAO 2.0 section 10.10), such as `playbook--` and a UUID."""
    return fields.String(required=True, metadata={"pattern": f"^{kind}--{_UUID}$", "description": about})


class WorkflowStep(Schema):
    """A step; its members depend on its type (CACAO 2.0 section 4)."""

    type = schema_parts.text(example="action")

    class Meta:
        """Allow the members of each type of step in addition."""

        unknown = INCLUDE


class PlaybookDocument(Schema):
    """A CACAO 2.0 playbook (section 3.1); further members of the standard are allowed."""

    type = fields.String(required=True, metadata={"enum": ["playbook"]})
    spec_version = fields.String(required=True, metadata={"enum": ["cacao-2.0"]})
    id = identifier("playbook", "the same in all versions of a playbook")
    name = fields.String(required=True, metadata={"minLength": 1})
    created_by = identifier("identity")
    created = schema_parts.at()
    modified = schema_parts.at("names the version; a new one needs a later moment")
    workflow_start = identifier("start", "the id of the first step")
    workflow = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(WorkflowStep),
        required=True,
        metadata={"description": "the steps by their ids", "minProperties": 1},
    )

    class Meta:
        """Allow further members of the standard."""

        unknown = INCLUDE


_PERSON = "individual--5f1c9d5a-6d0f-4a53-9f0f-0d1f7c8f2a11"
_STEPS = (
    "start--2b0c7d39-8e0a-4cf5-9f51-6f4c1de8a001",
    "action--2b0c7d39-8e0a-4cf5-9f51-6f4c1de8a002",
    "end--2b0c7d39-8e0a-4cf5-9f51-6f4c1de8a003",
)
EXAMPLE: dict[str, Any] = {
    "type": "playbook",
    "spec_version": "cacao-2.0",
    "id": "playbook--2b0c7d39-8e0a-4cf5-9f51-6f4c1de8a000",
    "name": "Look at the log",
    "created_by": "identity--5f1c9d5a-6d0f-4a53-9f0f-0d1f7c8f2a10",
    "created": "2026-01-01T00:00:00.000Z",
    "modified": "2026-01-02T00:00:00.000Z",
    "workflow_start": _STEPS[0],
    "workflow": {
        _STEPS[0]: {"type": "start", "on_completion": _STEPS[1]},
        _STEPS[1]: {
            "type": "action",
            "name": "Look at the log",
            "commands": [{"type": "manual", "command": "Look at the log of the host and note what you see."}],
            "agent": _PERSON,
            "on_completion": _STEPS[2],
        },
        _STEPS[2]: {"type": "end"},
    },
    "agent_definitions": {_PERSON: {"type": "individual", "name": "The one on duty"}},
}
"""A complete playbook with one manual step."""
