"""Service of official documents: its ways, what each of them needs, and who remains unserved."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from incident.core.values.faults import RuleError, raise_all
from incident.core.values.marking import N_

ServiceWay = Literal["channel", "in_person", "left", "post", "publication", "electronic"]
SERVICE_WAYS: Final[tuple[ServiceWay, ...]] = get_args(ServiceWay)

WAY_FACTS: Final[Mapping[ServiceWay, str]] = {
    "channel": "公文交换",
    "in_person": "直接送达",
    "left": "留置送达",
    "post": "邮寄送达",
    "publication": "公告送达",
    "electronic": "电子送达",
}
"""The ways in the words of a proof of service."""

WAY_WORDS: Final[Mapping[ServiceWay, str]] = {
    "in_person": N_("In person"),
    "left": N_("Left at the place"),
    "post": N_("By post"),
    "publication": N_("By publication"),
    "electronic": N_("Electronically"),
    "channel": N_("Through an official channel"),
}

PICTURES: Final = ("image/", "video/")
"""Media types of which one must show that a document was left."""

TERM_LIMIT: Final = 365
PARTY_LIMIT: Final = 300
CONSENT_LIMIT: Final = 500


@dataclass(frozen=True)
class NewService:
    """An attempt to serve a document on one party, `to`, at a moment (UTC).

    `reason` says why it was left there, or why it was not served; `consent` how the party agreed to electronic service;
    `proxy` who received it for them, and why. `term_days` are the days in which the party must act, from the day after.
    """

    way: ServiceWay
    to: str
    at: dt.datetime
    is_served: bool = True
    place: str | None = None
    proxy: str | None = None
    witness: str | None = None
    reason: str | None = None
    consent: str | None = None
    evidence: Sequence[int] = ()
    term_days: int | None = None


def check_service(given: NewService, media: Iterable[str | None], since: dt.datetime | None, now: dt.datetime) -> None:
    """Check that an attempt says what its way and its outcome need.

    Args:
        given: the attempt.
        media: the media types of its evidence.
        since: when the document was signed (UTC).
        now: the present moment (UTC).

    Raises:
        RuleError: `document_service.in_the_future`, `document_service.before_signature`,
            `document_service.why_not_served`, `document_service.why_left`, `document_service.left_without_witness`,
            `document_service.left_without_picture`, `document_service.without_consent`; all of them at once.
    """
    is_left = given.is_served and given.way == "left"
    signed_minute = None if since is None else since.replace(second=0, microsecond=0)  # forms have no seconds
    has_picture = any((one or "").startswith(PICTURES) for one in media)
    faults = (
        ("in_the_future", "/at", given.at > now),
        ("before_signature", "/at", signed_minute is not None and given.at < signed_minute),
        ("why_not_served", "/reason", not given.is_served and not given.reason),
        ("why_left", "/reason", is_left and not given.reason),
        ("left_without_witness", "/witness", is_left and not given.witness),
        ("left_without_picture", "/evidence", is_left and not has_picture),
        ("without_consent", "/consent", given.is_served and given.way == "electronic" and not given.consent),
    )
    raise_all(RuleError(f"document_service.{code}", pointer=place) for code, place, is_wrong in faults if is_wrong)


def unserved_parties(attempts: Iterable[tuple[str, bool]]) -> list[str]:
    """Return the parties on whom a document was tried and never served, in the order of the first attempts.

    Args:
        attempts: the party of each attempt, and whether it was served.
    """
    served: dict[str, bool] = {}
    for party, is_served in attempts:
        served[party] = served.get(party, False) or is_served
    return [party for party, is_served in served.items() if not is_served]
