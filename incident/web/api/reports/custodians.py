"""Custodians of protected identities: their keys and tests, and how many of them are needed."""

from typing import Any

from flask import Response
from marshmallow import Schema, fields

from incident.actions.reports import custodians as use_cases
from incident.core.directory.password import MAX_PASSWORD
from incident.core.operations.approval import approver_of
from incident.core.reports.custodian_sets import MOST_CUSTODIANS, is_test_due
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.directory.people import Person
from incident.store.reports import custodians as store
from incident.store.reports.custodians import Custodian, CustodianSet
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.document_parts import Document, moment
from incident.web.api.endpoint import noun
from incident.web.api.fields import Number, Text
from incident.web.http.conditional import read_version, respond
from incident.web.http.paging import MAX_INTEGER
from incident.web.instance import now
from incident.web.security.auth import needs, require_caller

blueprint = noun("custodians", "Who holds shares of the keys of protected identities.")


class CustodianOut(Schema):
    """A custodian."""

    id = schema_parts.number()
    login = schema_parts.text("the person")
    tested_at = schema_parts.maybe_at("when they last opened a test seal")
    is_test_due = schema_parts.truth()
    is_away = schema_parts.truth()


class CustodianList(Schema):
    """Every custodian; people with a key, whether or not they are in the present set."""

    items = schema_parts.list_of(CustodianOut)
    next = schema_parts.maybe("always null: all are on one page")


class CustodianMade(CustodianOut):
    """A new custodian, and the private key for the envelope, which is shown once."""

    paper = schema_parts.text("Base32 in groups of four: print it, and keep it in the custodian's own envelope")


class CustodyThresholdOut(Schema):
    """The set of custodians: the present one, and one that is proposed."""

    threshold = schema_parts.maybe_number("how many are needed; null before the ceremony")
    custodians = schema_parts.list_of(fields.Integer(), "of the present set")
    reachable = schema_parts.number("how many have been tested and are not on leave")
    proposed_threshold = schema_parts.maybe_number("of a set that has not begun; null when there is none")
    proposed_custodians = schema_parts.list_of(fields.Integer(), "of that set")


class CustodianIn(Arguments):
    """The passphrase of the person who asks: it alone opens the private key."""

    passphrase = Text(MAX_PASSWORD, required=True)


class CustodyThresholdIn(Arguments):
    """The custodians, and how many of them are needed."""

    threshold = Number(1, MOST_CUSTODIANS, required=True)
    custodians = fields.List(
        Number(1, MAX_INTEGER), required=True, metadata={"maxItems": MOST_CUSTODIANS, "minItems": 1}
    )


@blueprint.route("/custodians", methods=["GET"])
@needs("custody.read")
@blueprint.response(200, CustodianList)
def list_custodians() -> Response:
    """List the custodians."""
    return respond({"items": [custodian_document(one) for one in store.live_custodians()], "next": None})


@blueprint.route("/custodians", methods=["POST"])
@needs("custody.hold")
@blueprint.arguments(CustodianIn)
@blueprint.response(201, CustodianMade)
def become_custodian(given: dict[str, Any]) -> Response:
    """Draw one's own key as a custodian; only a person can, and the private key is shown once."""
    asking = require_caller()
    approver_of(asking.actor)
    if asking.person_id is None:
        raise RuleError("approval.not_by_person", kind="forbidden")
    made = use_cases.add_custodian(asking.person_id, given["passphrase"], asking.actor, now())
    return respond(custodian_document(made.row) | {"paper": made.paper}, status=201)


@blueprint.route("/custodians/threshold", methods=["GET"])
@needs("custody.read")
@blueprint.response(200, CustodyThresholdOut)
def read_threshold() -> Response:
    """Read who the custodians are and how many of them are needed."""
    return _threshold()


@blueprint.route("/custodians/threshold", methods=["PUT"])
@needs("custody.write")
@blueprint.arguments(CustodyThresholdIn)
@blueprint.response(200, CustodyThresholdOut)
def put_threshold(given: dict[str, Any]) -> Response:
    """Name the custodians; a later set begins by `incident custodian rotate`."""
    version = read_version(_version())
    actor = require_caller().actor
    use_cases.propose_set(given["threshold"], given["custodians"], actor, now(), version)
    return _threshold()


def custodian_document(row: Custodian) -> Document:
    """Serialize a custodian without any key."""
    return {
        "id": row.id,
        "login": db.session.get_one(Person, row.person_id).login,
        "tested_at": moment(row.tested_at),
        "is_test_due": is_test_due(row.tested_at, now()),
        "is_away": row.is_away,
    }


def _threshold() -> Response:
    current, newest = store.current_set(), store.newest_set()
    quorum = use_cases.current_quorum(now())
    proposed = newest if newest is not None and newest.begun_at is None else None
    document = {
        "threshold": None if current is None else current.threshold,
        "custodians": _members(current),
        "reachable": 0 if quorum is None else quorum.reachable,
        "proposed_threshold": None if proposed is None else proposed.threshold,
        "proposed_custodians": _members(proposed),
    }
    return respond(document, _version())


def _members(row: CustodianSet | None) -> list[int]:
    return [] if row is None else [one.id for _, one in store.members_of_set(row.id)]


def _version() -> int:
    newest = store.newest_set()
    return 0 if newest is None else newest.id
