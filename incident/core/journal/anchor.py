"""Anchors: signed heads of the journal that are stored outside the instance, and when the next one is sent.

Somebody with write access to the database can recompute the whole chain, and nothing in the database shows it. A head
that is stored elsewhere does: the journal must still have that entry with that hash.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from incident.core.journal.chain import Head
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment, parse_moment

SEND_EVERY: Final = timedelta(days=1)
OLD_AFTER: Final = timedelta(days=2)
"""Age of the newest anchor at which an alarm is raised."""

RETRY_FIRST: Final = timedelta(minutes=1)
MAX_RETRY: Final = timedelta(hours=1)

PlaceKind = Literal["mail", "webhook", "time_stamp"]
Origin = Literal["signed head", "time stamp"]


@dataclass(frozen=True, slots=True)
class Place:
    """A destination of anchors: `where` is displayed to people and contains no secret of the address."""

    kind: PlaceKind
    where: str
    address: str = field(repr=False)

    @property
    def name(self) -> str:
        """The name that distinguishes it from other destinations, in records and in the log."""
        return f"{self.kind.replace('_', ' ')} {self.where}"


def places_of(to: Sequence[str], time_stamp_url: str | None) -> tuple[Place, ...]:
    """Return the destinations from the settings; an authority comes first, so that the others receive its time stamp.

    Args:
        to: addresses `mailto:...` and `https://...`.
        time_stamp_url: the address of the time-stamp authority; None for none.
    """
    found: list[Place] = []
    if time_stamp_url is not None:
        found.append(Place("time_stamp", urlsplit(time_stamp_url).hostname or "", time_stamp_url))
    for address in to:
        scheme, _, rest = address.partition(":")
        if scheme.lower() == "mailto":
            found.append(Place("mail", rest, rest))
        else:
            found.append(Place("webhook", urlsplit(address).hostname or "", address))
    return tuple(_numbered(found))


def _numbered(places: Sequence[Place]) -> Iterator[Place]:
    """Number the destinations that have the same name."""
    count: dict[str, int] = {}
    for one in places:
        number = count[one.name] = count.get(one.name, 0) + 1
        yield one if number == 1 else Place(one.kind, f"{one.where} #{number}", one.address)


@dataclass(frozen=True, slots=True)
class Failing:
    """A destination that has not accepted an anchor: since when, last attempt (UTC), number of attempts, and error."""

    since: datetime
    tried_at: datetime
    count: int
    detail: str

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        since, tried = format_moment(self.since), format_moment(self.tried_at)
        return {"since": since, "tried_at": tried, "count": self.count, "detail": self.detail}

    def again(self, now: datetime, detail: str) -> "Failing":
        """Return it after one more failure."""
        return Failing(self.since, now, self.count + 1, detail)

    def may_retry(self, now: datetime) -> bool:
        """Whether the pause after the last failure is over; it doubles up to an hour."""
        pause = min(RETRY_FIRST * (1 << min(self.count - 1, 10)), MAX_RETRY)
        return not timedelta(0) <= now - self.tried_at < pause


def read_failing(document: Any) -> dict[str, Failing]:
    """Return failing destinations by name from the values of `to_json`; an unreadable one counts as not failing."""
    found = {}
    for name, one in (document or {}).items():
        try:
            since, tried = parse_moment(one["since"]), parse_moment(one["tried_at"])
            found[name] = Failing(since, tried, int(one["count"]), str(one["detail"]))
        except (RuleError, KeyError, TypeError, ValueError):
            continue
    return found


def due_places(
    places: Sequence[Place], newest: Mapping[str, datetime], failing: Mapping[str, Failing], now: datetime
) -> tuple[Place, ...]:
    """Return the destinations that an anchor is sent to now.

    Args:
        places: all destinations of the settings.
        newest: when each destination accepted its newest anchor (UTC), by name.
        failing: the destinations that have failed since then.
        now: the moment (UTC). A newest anchor that lies in its future counts as long past.
    """

    def is_due(place: Place) -> bool:
        last = newest.get(place.name)
        if last is not None and timedelta(0) <= now - last < SEND_EVERY:
            return False
        fault = failing.get(place.name)
        return fault is None or fault.may_retry(now)

    return tuple(filter(is_due, places))


# --------------------------------------------------------------------------------------------------------- verification
def stamped_text(head: Head) -> bytes:
    """Return the text that a time-stamp authority stamps: the printed head, so that a token alone identifies it."""
    return str(head).encode("ascii")


def imprint_of(head: Head) -> str:
    """Return the SHA-256 (lower-case hex) of the stamped text, as in a time stamp."""
    return hashlib.sha256(stamped_text(head)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A head that was stored outside.

    `source` names the file; `head` is None for a time stamp, which has only the `imprint` of one. `at` is when it was
    created (UTC), None when unknown. `fault` says why its signature cannot be trusted.
    """

    source: str
    origin: Origin
    head: Head | None = None
    imprint: str | None = None
    at: datetime | None = None
    by: str = ""
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class AnchorFinding:
    """Result of comparing an anchor with the journal.

    `held`: the entry at `seq` still has that hash. `rewritten`: another entry is at `seq`, or no entry has the head of
    a time stamp (`seq` is None). `removed`: the journal ends before `seq`. `unproved`: see `anchor.fault`.
    """

    anchor: Anchor
    state: Literal["held", "rewritten", "removed", "unproved"]
    seq: int | None


def findings_of(
    anchors: Sequence[Anchor], hash_at: Callable[[int], str | None], heads: Callable[[], Iterable[Head]]
) -> list[AnchorFinding]:
    """Compare anchors with the journal, in their order.

    Args:
        anchors: the heads that were stored outside.
        hash_at: returns the stored hash of an entry; None when there is none.
        heads: yields every head of the journal; called only when there is a time stamp.
    """
    wanted = {one.imprint for one in anchors if one.imprint is not None}
    stamped = {imprint: head for head in heads() if (imprint := imprint_of(head)) in wanted} if wanted else {}
    return [_finding(one, hash_at, stamped) for one in anchors]


def _finding(anchor: Anchor, hash_at: Callable[[int], str | None], stamped: Mapping[str, Head]) -> AnchorFinding:
    head = anchor.head or stamped.get(anchor.imprint or "")
    if head is None:
        return AnchorFinding(anchor, "rewritten", None)
    found = hash_at(head.count)
    if found is None and head.count:
        return AnchorFinding(anchor, "removed", head.count)
    if head.count and found != head.hash:
        return AnchorFinding(anchor, "rewritten", head.count)
    return AnchorFinding(anchor, "unproved" if anchor.fault else "held", head.count)


def rewritten_between(findings: Sequence[AnchorFinding]) -> tuple[int, int | None] | None:
    """Return the range of entries that may have been rewritten, first and last; None when none was.

    The anchors with the result `held` narrow it down: entries before the newest of them were not changed.
    """
    broken = [one for one in findings if one.state in {"rewritten", "removed"}]
    if not broken:
        return None
    known = [one.seq for one in broken if one.seq is not None]
    last = min(known, default=None)
    held = [one.seq for one in findings if one.state == "held" and one.seq is not None]
    below = [seq for seq in held if last is None or seq < last]
    return max(below, default=0) + 1, last
