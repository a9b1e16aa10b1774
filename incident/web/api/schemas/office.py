"""Schemas of departments, rules, playbooks, tokens and people."""

from marshmallow import Schema, fields

from incident.web.api.schemas import parts
from incident.web.api.schemas.parts import FaultPlace
from incident.web.api.schemas.policies import PolicyOut


class ContactOut(Schema):
    """One contact of a department."""

    id = parts.number()
    name = parts.text()
    channel = parts.text()
    address = parts.maybe()
    level = parts.number()
    person = parts.maybe("the login of whom it reaches; null for a desk")
    language = parts.text()
    created_at = parts.at()
    switched_off_at = parts.maybe_at()
    switched_off_why = parts.maybe()
    old_secret_ends_at = parts.maybe_at()
    limit_per_minute = parts.maybe_number("null stands for the usual limit of its channel")
    check_every = parts.maybe("how often it is checked whether it can be reached, such as P1D; null for never")
    checked_at = parts.maybe_at("when it was tested or checked last")
    check_outcome = parts.maybe("accepted, failed, refused or gone")
    check_detail = parts.maybe("what was answered")
    confirmed_at = parts.maybe_at("when somebody said last that a test had reached them")
    confirm_within = parts.maybe("how soon a person is to say that a check has reached them; null for not at all")
    confirm_due_at = parts.maybe_at("until when the oldest check that nobody has confirmed is to be")
    secret = fields.String(metadata={"description": "signs webhooks; told once, when the contact is made"})


class SecretOut(Schema):
    """A new secret; messages are signed with the old one as well until that expires."""

    secret = parts.text()
    old_secret_ends_at = parts.at()


class TestedOut(Schema):
    """The result of a test message."""

    outcome = fields.String(required=True, metadata={"enum": ["accepted", "failed", "refused", "gone"]})
    is_sent = fields.Boolean(
        required=True,
        metadata={"description": "whether its channel was tried; not in a demonstration, and not for an inbox"},
    )
    answer = parts.text()


class DepartmentItem(Schema):
    """A department in a list."""

    code = parts.text()
    name = parts.text()
    parent = parts.maybe()
    timezone = parts.text("by whose clock its people work", example="Asia/Shanghai")
    calendar = parts.text("the name of its working calendar", example="china")
    competence = fields.Dict(
        required=True, allow_none=True, metadata={"description": "for which incidents it answers; null says nothing"}
    )
    working_hours = fields.Dict(
        required=True, allow_none=True, metadata={"example": {"from": "09:00", "until": "17:30"}}
    )
    created_at = parts.at()


class DepartmentOut(DepartmentItem):
    """A department; policy and contacts only for callers who may read them."""

    policy = fields.Nested(PolicyOut)
    contacts = fields.List(fields.Nested(ContactOut))


class PlaybookItem(Schema):
    """A version of a playbook."""

    id = parts.text()
    name = parts.text()
    modified = parts.at()
    hash = parts.text("SHA-256 of the canonical JSON")
    tlp = parts.maybe("the strictest mark, such as TLP:AMBER; TLP:RED is seen by coordinators and administrators alone")
    added_at = parts.at()


class PlaybookAdded(PlaybookItem):
    """A playbook that was added."""

    warnings = parts.list_of(FaultPlace, "what was noticed but does not refuse it")


class TokenOut(Schema):
    """A token of a program."""

    id = parts.number()
    name = parts.text()
    role = parts.text()
    department = parts.maybe()
    created_at = parts.at()
    revoked_at = parts.maybe_at()
    token = fields.String(metadata={"description": "told once, when it is made"})


class PersonOut(Schema):
    """A person who signs in."""

    id = parts.number()
    login = parts.text()
    name = parts.text()
    role = parts.text()
    department = parts.maybe()
    language = parts.text()
    is_active = parts.truth()
    created_at = parts.at()
