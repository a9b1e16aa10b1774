"""How many messages one contact may get: a bucket of tokens that fills with time, each message takes one."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MINUTE = 60.0
_NEARLY_ONE = 1 - 1e-9
"""A token that was filled in parts may lack the last bit."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `per_minute` messages in any minute, of which `burst` may go at once; both at least 1."""

    per_minute: int
    burst: int

    @classmethod
    def of(cls, per_minute: int) -> "Limit":
        """The limit of a contact that names only how many a minute: a quarter of them may go at once."""
        return cls(per_minute, max(1, per_minute // 4))

    @property
    def pause(self) -> float:
        """The seconds in which one token comes; what may go at once is taken off, so that no minute has more."""
        return MINUTE / max(1, self.per_minute - self.burst)


@dataclass(frozen=True, slots=True)
class TokenBucket:
    """How many tokens there were at a moment (UTC)."""

    tokens: float
    filled_at: datetime


def full(limit: Limit, now: datetime) -> TokenBucket:
    """The bucket of a contact that got nothing of late."""
    return TokenBucket(float(limit.burst), now)


def filled(bucket: TokenBucket, limit: Limit, now: datetime) -> TokenBucket:
    """The bucket as it stands now; when the clock was put back nothing is gained and nothing is lost."""
    passed = max(0.0, (now - bucket.filled_at).total_seconds())
    return TokenBucket(min(float(limit.burst), max(0.0, bucket.tokens) + passed / limit.pause), now)


def tokens_in(bucket: TokenBucket) -> int:
    """How many messages may go now, of a bucket as `filled` gives it."""
    return int(bucket.tokens + 1 - _NEARLY_ONE)


def taken(bucket: TokenBucket, count: int) -> TokenBucket:
    """The bucket after so many messages; raises ValueError when it holds fewer tokens."""
    if not 0 <= count <= tokens_in(bucket):
        raise ValueError(f"{count} of {bucket.tokens} tokens cannot be taken")
    return replace(bucket, tokens=max(0.0, bucket.tokens - count))


def free_at(bucket: TokenBucket, limit: Limit) -> datetime:
    """The moment from which the next message may go."""
    return bucket.filled_at + timedelta(seconds=max(0.0, _NEARLY_ONE - bucket.tokens) * limit.pause)
