"""The two classes of identity: which one a report gets, and who may have a field opened."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from incident.core.reports.kinds import Protection
from incident.core.values.faults import RuleError, raise_all
from incident.core.values.text import visible

ContactField = Literal["name", "phone", "email", "address"]
CONTACT_FIELDS: Final[tuple[ContactField, ...]] = get_args(ContactField)

CONTACT_LIMITS: Final[Mapping[str, int]] = {"name": 200, "phone": 60, "email": 254, "address": 500}
"""The largest number of characters of each field."""

PURPOSE_LIMIT: Final = 1_000

REQUEST_LIVES_FOR: Final = dt.timedelta(days=7)
"""How long a request can be approved and read."""

RequestEnd = Literal["refused", "withdrawn"]
"""How a request ended before its time: its approvers refused it, or its requester needs it no longer."""

RequestState = Literal["requested", "waiting", "open", "expired", RequestEnd]
REQUEST_STATES: Final[tuple[RequestState, ...]] = ("requested", "waiting", "open", "expired", *get_args(RequestEnd))


def cleaned_contact(given: Mapping[str, str | None] | None) -> dict[str, str]:
    """Return the fields of a contact that say something, without direction marks and invisible characters."""
    shown = {name: visible(value).strip() for name in CONTACT_FIELDS if (value := (given or {}).get(name))}
    return {name: value for name, value in shown.items() if value}


def protection_of(
    contact: Collection[str], asked: str | None, usual: str | None, passages: Collection[str] = ()
) -> Protection:
    """Return the class of a report's identity.

    Args:
        contact: the fields that were given.
        asked: what the reporter asked for, None for nothing.
        usual: the class that the category asks for.
        passages: those of the text that are sealed.

    Raises:
        RuleError: `identity.anonymous_contact`: anonymous was asked for, and a contact was given.
    """
    if not contact and not passages:
        return "anonymous"
    if asked == "anonymous" and contact:
        raise RuleError("identity.anonymous_contact", pointer="/contact")
    return "protected" if asks_for_protection(asked, usual) else "sealed"


def asks_for_protection(asked: str | None, usual: str | None) -> bool:
    """Return whether the reporter or the category asks for the protected class, whether or not there is a contact."""
    return "protected" in (asked, usual)


@dataclass(frozen=True)
class RequestFacts:
    """What decides about an approval.

    `requester` and the members of `handlers` are identities such as `person:3`; `requester_people` are the requester,
    and for a program the creator of its token.
    """

    protection: Protection
    requester_people: frozenset[str]
    handlers: frozenset[str]
    answered_by: frozenset[str] = frozenset()


def require_may_request(facts: RequestFacts) -> None:
    """Refuse a request for protected fields by somebody who handles the report.

    Raises:
        RuleError: `identity_request.by_handler` (forbidden).
    """
    if facts.protection == "protected" and facts.requester_people & facts.handlers:
        raise RuleError("identity_request.by_handler", kind="forbidden")


def require_may_answer(facts: RequestFacts, approver: str) -> None:
    """Refuse an answer by the requester, by a handler of the report, or by the same person twice.

    Raises:
        RuleError: `identity_request.own`, `identity_request.approver_handles` (forbidden),
            `identity_request.answered_before` (conflict).
    """
    if approver in facts.requester_people:
        raise RuleError("identity_request.own", kind="forbidden")
    if approver in facts.handlers:
        raise RuleError("identity_request.approver_handles", kind="forbidden")
    if approver in facts.answered_by:
        raise RuleError("identity_request.answered_before", kind="conflict")


def is_refused_by(refusals: int, holders: int, threshold: int) -> bool:
    """Return whether so many have refused that the others cannot open the fields.

    Args:
        refusals: how many have refused.
        holders: how many may answer; 1 for sealed fields, where one answer decides.
        threshold: how many of them must approve.
    """
    return holders - refusals < threshold


def require_fields(wanted: Collection[str], available: Collection[str]) -> tuple[str, ...]:
    """Return the fields of a request, each once and in their order.

    Raises:
        RuleError: `document.missing`, or `identity_request.no_such_field` for each that the report does not have.
    """
    if not wanted:
        raise RuleError("document.missing", pointer="/fields")
    raise_all(
        RuleError("identity_request.no_such_field", pointer=f"/fields/{index}")
        for index, one in enumerate(wanted)
        if one not in available
    )
    return tuple(one for one in available if one in wanted)


def request_state(
    opens_at: dt.datetime | None, expires_at: dt.datetime, now: dt.datetime, ended_as: RequestEnd | None = None
) -> RequestState:
    """Return the state of a request.

    Args:
        opens_at: from when its requester can read the fields; None until it is approved.
        expires_at: until when.
        now: the moment (UTC).
        ended_as: how it ended before its time; None where it did not.
    """
    if ended_as is not None:
        return ended_as
    if now >= expires_at:
        return "expired"
    if opens_at is None:
        return "requested"
    return "open" if now >= opens_at else "waiting"


def identity_of(actor: str) -> str:
    """Return `person:3` for the actor `person:3:Li Wei`: names change, and are no identity."""
    return ":".join(actor.split(":", 2)[:2])
