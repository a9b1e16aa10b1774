"""Escalation policies: how a department is notified, and the steps if no one acknowledges."""

import datetime as dt
from typing import Any

from flask import Response
from marshmallow import fields as marshmallow_fields

from incident.actions.directory import departments as use_cases
from incident.actions.notifications.previewing import preview
from incident.channels import MAKERS
from incident.core.notifications.policy import GRADES, LOW_GRADES, MAX_LEVELS, RECIPIENT_KINDS, UNTILS, Policy
from incident.core.values.moment import parse_moment, require_moment
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import noun
from incident.web.api.fields import Choice, Grade, Items, Number, Ruled, Text
from incident.web.api.nested import Objects
from incident.web.api.notifications.policy_documents import policy_document, preview_document
from incident.web.api.notifications.policy_schemas import PolicyOut, PreviewOut
from incident.web.api.shapes import SPAN
from incident.web.http.conditional import read_version, respond
from incident.web.instance import now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

blueprint = noun("policies", "Who is told next while nobody answers, and when.")

AHEAD_LIMIT = dt.timedelta(days=731)
"""How far ahead a preview may begin."""

_SPAN = {"type": "object", **SPAN}


def _length(about: str, **more: Any) -> Text:
    return Text(40, is_line=True, metadata={"example": "PT15M", "description": about}, **more)


class WaitIn(Arguments):
    """The time limit of a level for some grades, or the hours in which it is notified."""

    grades = Items(Grade(), len(GRADES), metadata={"description": "of these grades only; absent: of any and of none"})
    hours = marshmallow_fields.Raw(
        metadata={
            "oneOf": [{"type": "string", "enum": ["working", "off"]}, _SPAN],
            "description": "told in the working hours, outside of them, or in a part of the day; absent: at any time",
        }
    )
    wait = _length("how long", required=True)


class LevelIn(Arguments):
    """Recipients of a level, the channels, and the time limit before the next level is notified."""

    wait = _length("how long its people have", required=True)
    waits = Objects(WaitIn, MAX_LEVELS, metadata={"description": "other lengths; the first that is meant holds"})
    notify = Items(
        Choice(RECIPIENT_KINDS),
        len(RECIPIENT_KINDS),
        metadata={"description": "who is told; absent: the contacts that stand at this level"},
    )
    channels = Items(
        Choice(tuple(MAKERS)), MAX_LEVELS, metadata={"description": "by which channels; absent: by all ways"}
    )
    in_turn = _length("how far apart the channels are used, in their order; absent: at once")


QuietIn = type(
    "QuietIn",
    (Arguments,),
    {
        "__doc__": "Hours in which incidents of low grades wake nobody.",
        "from": Text(5, is_line=True, required=True, metadata={"example": "22:00"}),  # a word of Python
        "until": Text(5, is_line=True, required=True, metadata={"example": "07:00"}),
        "grades": Items(Grade(), len(LOW_GRADES), required=True, metadata={"minItems": 1, "description": "of 3 and 4"}),
    },
)


class PolicyIn(Arguments):
    """Levels in order, how many rounds follow the first, and what ends them."""

    levels = Objects(LevelIn, MAX_LEVELS, required=True, metadata={"minItems": 1})
    repeat = Number(0, 20, load_default=0)
    until = Choice(UNTILS, metadata={"description": "which answer ends it; absent: acknowledged"})
    reminder = _length("how long who answered may do nothing before being reminded; absent: nobody is")
    quiet = marshmallow_fields.Nested(QuietIn)


@blueprint.route("/departments/<code>/policy", methods=["PUT"])
@needs("policy.write")
@blueprint.arguments(PolicyIn)
@blueprint.response(200, PolicyOut)
def put_policy(given: dict[str, Any], code: str) -> Response:
    """Set how a department is notified; open notices keep the policy they started with."""
    department = access.visible_department(code)
    version = read_version(department.version)
    policy = Policy.from_json(given)
    changed = use_cases.put_policy(department.id, policy, version, require_caller().actor, now())
    return respond(policy_document(changed), changed.version)


@blueprint.route("/departments/<code>/policy", methods=["GET"])
@needs("policy.read")
@blueprint.response(200, PolicyOut)
def read_policy(code: str) -> Response:
    """Read how a department is notified; one level of PT15M when nothing was set."""
    department = access.visible_department(code)
    return respond(policy_document(department), department.version)


class PreviewQuery(Arguments):
    """The incident to preview, and its time of opening."""

    grade = Grade(load_default=None)
    at = Ruled(lambda text: require_moment(parse_moment(text), now() + AHEAD_LIMIT), load_default=None)


@blueprint.route("/departments/<code>/preview", methods=["GET"])
@needs("policy.read")
@blueprint.arguments(PreviewQuery, location="query")
@blueprint.response(200, PreviewOut)
def read_preview(given: dict[str, Any], code: str) -> Response:
    """Preview the escalation if no one acknowledges, by the current policy, rota and calendar."""
    department = access.visible_department(code)
    return respond(preview_document(preview(department, given["grade"], given["at"] or now())))
