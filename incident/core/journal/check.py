"""A check of the whole journal that somebody asked for: its progress and its result."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from incident.core.journal.chain import EMPTY, Head
from incident.core.journal.verification import Fault, VerificationResult
from incident.core.values.moment import format_moment, parse_moment

PIECE: Final = 5_000
"""The number of entries of one piece: between two pieces others write, and the check can be cancelled."""

CheckState = Literal["running", "done", "failed"]


@dataclass(frozen=True)
class JournalCheck:
    """A check: who asked for it, how far it is, and what it found.

    `reached` is the head up to which the chain holds, `total` the number of entries when it began. `fault` and `seq`
    are those of the verification. `anchors` counts the anchors that were compared, `anchor_seq` is the entry of the
    first one that does not fit the journal.
    """

    asked_by: str
    asked_at: dt.datetime
    total: int
    state: CheckState = "running"
    reached: Head = EMPTY
    ended_at: dt.datetime | None = None
    fault: Fault | None = None
    seq: int | None = None
    anchors: int = 0
    anchor_seq: int | None = None

    @property
    def is_running(self) -> bool:
        """Whether it is not finished."""
        return self.state == "running"

    @property
    def is_intact(self) -> bool:
        """Whether it has found nothing wrong."""
        return self.state == "done" and self.fault is None and self.anchor_seq is None

    def ended(
        self, result: VerificationResult, anchors: int, anchor_seq: int | None, now: dt.datetime
    ) -> "JournalCheck":
        """Return it with the result of the verification and of the comparison with anchors."""
        compared = replace(self, anchors=anchors, anchor_seq=anchor_seq)
        return replace(compared, state="done", ended_at=now, reached=result.head, fault=result.fault, seq=result.seq)

    def to_json(self) -> dict[str, Any]:
        """Return it as stored."""
        return {
            "asked_by": self.asked_by,
            "asked_at": format_moment(self.asked_at),
            "total": self.total,
            "state": self.state,
            "count": self.reached.count,
            "hash": self.reached.hash,
            "ended_at": None if self.ended_at is None else format_moment(self.ended_at),
            "fault": self.fault,
            "seq": self.seq,
            "anchors": self.anchors,
            "anchor_seq": self.anchor_seq,
        }

    @staticmethod
    def from_json(stored: Mapping[str, Any] | None) -> "JournalCheck | None":
        """Return the check as it was stored, None without one."""
        if not stored:
            return None
        given = {name: stored[name] for name in ("asked_by", "total", "state", "fault", "seq", "anchors", "anchor_seq")}
        ended_at = stored["ended_at"]
        return JournalCheck(
            **given,
            asked_at=parse_moment(stored["asked_at"]),
            reached=Head(stored["count"], stored["hash"]),
            ended_at=None if ended_at is None else parse_moment(ended_at),
        )
