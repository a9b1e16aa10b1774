"""Schemas of responses about playbooks and their runs, beyond those of lists."""

from typing import Any

from marshmallow import Schema, fields

from incident.web.api.playbooks.run_schemas import RunOut
from incident.web.api.schema_parts import FaultPlace, code_field


def _word(about: str = "") -> fields.String:
    return fields.String(required=True, metadata={"description": about} if about else {})


def _all(of: type[Schema], about: str = "") -> fields.List[Any]:
    return fields.List(fields.Nested(of), required=True, metadata={"description": about} if about else {})


class RunStarted(RunOut):
    """A run that was started."""

    warnings = _all(FaultPlace, "commands that no machine here carries out, so that people get them as tasks")


class TurnOut(Schema):
    """One turn of a run: the event, and the decisions of the engine."""

    at = fields.DateTime(required=True)
    cause = fields.Dict(required=True)
    state = _word("of the run after it")
    effects = fields.List(fields.Dict(), required=True)


class DifferenceOut(Schema):
    """A difference between the stored run and the computed one."""

    part = _word()
    kept = fields.Raw(required=True, allow_none=True)
    replayed = fields.Raw(required=True, allow_none=True)


class ReplayOut(Schema):
    """A run recomputed from its journal; without differences it equals the stored one."""

    run = fields.Integer(required=True)
    turns = _all(TurnOut)
    differences = _all(DifferenceOut)


class LintItem(Schema):
    """One fault of a playbook."""

    pointer = _word("JSON pointer (RFC 6901) into the document, empty for the whole of it")
    severity = fields.String(required=True, metadata={"enum": ["error", "warning"]})
    code = code_field("names the fault for programs")
    text = _word("what is wrong, in the language of Accept-Language")
    hint = _word("what to do")
    clause = _word("the clause of the standard, or the rule of the execution profile")


class LintOut(Schema):
    """Every fault of a playbook; a playbook with errors would be refused."""

    items = _all(LintItem)
    errors = fields.Integer(required=True)
    warnings = fields.Integer(required=True)


class SignerOut(Schema):
    """A person whose signatures on playbooks count."""

    id = fields.Integer(required=True)
    name = _word()
    key = _word("the kind of the key, such as RSA-3072 or Ed25519")
    algorithms = fields.List(fields.String(), required=True, metadata={"description": "that the key is for"})
    fingerprint = _word("SHA-256 of the public key (DER), in hexadecimal")
    public_key = _word("PEM")
    valid_from = fields.DateTime(required=True, allow_none=True)
    valid_until = fields.DateTime(required=True, allow_none=True)
    added_at = fields.DateTime(required=True)
    added_by = _word()
    revoked_at = fields.DateTime(required=True, allow_none=True)


class SignatureItem(Schema):
    """A signature, or a countersignature, and its present validity."""

    pointer = _word("where it stands in the playbook")
    signee = _word("who it says has signed")
    algorithm = _word()
    state = fields.String(required=True, metadata={"enum": ["holds", "broken", "unverified"]})
    form = fields.String(
        required=True,
        allow_none=True,
        metadata={"enum": ["hex", "raw", None], "description": "signed was the hex text of the hash, or its bytes"},
    )
    is_trusted = fields.Boolean(required=True)
    signer = fields.String(required=True, allow_none=True, metadata={"description": "who is known by that key here"})
    fingerprint = fields.String(required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True, metadata={"description": "why it does not count"})
    detail = fields.String(required=True, allow_none=True)


class SignaturesOut(Schema):
    """The present validity of the signatures on the newest version of a playbook."""

    items = _all(SignatureItem)
    is_trusted = fields.Boolean(required=True, metadata={"description": "whether one of them counts"})
    is_needed = fields.Boolean(required=True, metadata={"description": "whether only signed playbooks start here"})
    faults = _all(FaultPlace, "what keeps it from starting for want of signatures, called playbooks included")


class ApprovalItem(Schema):
    """One person's approval."""

    by = fields.String(required=True)
    at = fields.DateTime(required=True)


class ApprovalsOut(Schema):
    """The approval status of the newest version of a playbook and of the playbooks that it calls."""

    content_hash = _word("SHA-256 of the playbook and every one that it calls; an approval names it")
    is_needed = fields.Boolean(
        required=True, metadata={"description": "whether it waits for two people's approval before it starts"}
    )
    missing = fields.Integer(required=True, metadata={"description": "how many more people must approve"})
    items = _all(ApprovalItem)


class SecretItem(Schema):
    """A stored secret; its value is never shown."""

    name = _word("as `kms_key_identifier` of playbooks")
    places = fields.List(
        fields.String(), required=True, metadata={"description": "where it may be used; without any it is used nowhere"}
    )
    set_at = fields.DateTime(required=True)


class TargetOut(Schema):
    """A host on which commands may be executed by ssh."""

    id = fields.Integer(required=True)
    host = _word()
    port = fields.Integer(required=True)
    user = _word()
    key_secret = _word("name of the secret that is the private key")
    has_key = fields.Boolean(required=True, metadata={"description": "whether that secret is deposited for this place"})
    host_keys = fields.List(fields.String(), required=True, metadata={"description": "fingerprints"})
    allowed_at = fields.DateTime(required=True)
    allowed_by = _word()
