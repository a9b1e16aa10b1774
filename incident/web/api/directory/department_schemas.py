"""The shapes of departments."""

from marshmallow import Schema, fields

from incident.web.api import schema_parts
from incident.web.api.delivery.contact_schemas import ContactOut
from incident.web.api.notifications.policy_schemas import PolicyOut


class DepartmentItem(Schema):
    """A department in a list."""

    code = schema_parts.text()
    name = schema_parts.text()
    parent = schema_parts.maybe()
    timezone = schema_parts.text("by whose clock its people work", example="Asia/Shanghai")
    calendar = schema_parts.text("the name of its working calendar", example="china")
    competence = fields.Dict(
        required=True, allow_none=True, metadata={"description": "for which incidents it answers; null says nothing"}
    )
    authority = fields.Dict(
        required=True,
        allow_none=True,
        metadata={
            "description": "as what it receives reports of incidents; null for a department that is no authority",
            "example": {"roles": ["police"], "regions": ["330100"]},
        },
    )
    working_hours = fields.Dict(
        required=True, allow_none=True, metadata={"example": {"from": "09:00", "until": "17:30"}}
    )
    created_at = schema_parts.at()


class DepartmentOut(DepartmentItem):
    """A department; policy and contacts only for callers who may read them."""

    policy = fields.Nested(PolicyOut)
    contacts = fields.List(fields.Nested(ContactOut))
