"""Rate limit of a contact: a token bucket that fills with time; each message takes one token."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MINUTE = 60.0
_NEARLY_ONE = 1 - 1e-9
"""A token that was filled in parts may lack the last bit."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `per_minute` messages in any minute, of which `burst` may be sent at once; both at least 1."""

    per_minute: int
    burst: int

    @classmethod
    def of(cls, per_minute: int) -> "Limit":
        """Return the limit of a contact that sets only a rate per minute: a quarter of it is the burst."""
        return cls(per_minute, max(1, per_minute // 4))

    @property
    def pause(self) -> float:
        """The seconds until one token is added; the burst is subtracted, so that no minute has more messages."""
        return MINUTE / max(1, self.per_minute - self.burst)


@dataclass(frozen=True, slots=True)
class TokenBucket:
    """The number of tokens at a moment (UTC)."""

    tokens: float
    filled_at: datetime


def full(limit: Limit, now: datetime) -> TokenBucket:
    """Return the bucket of a contact without recent messages."""
    return TokenBucket(float(limit.burst), now)


def filled(bucket: TokenBucket, limit: Limit, now: datetime) -> TokenBucket:
    """Return the bucket at a moment; a clock that was set back neither adds nor removes tokens."""
    passed = max(0.0, (now - bucket.filled_at).total_seconds())
    return TokenBucket(min(float(limit.burst), max(0.0, bucket.tokens) + passed / limit.pause), now)


def tokens_in(bucket: TokenBucket) -> int:
    """Return how many messages may be sent now, from a bucket as `filled` returns it."""
    return int(bucket.tokens + 1 - _NEARLY_ONE)


def taken(bucket: TokenBucket, count: int) -> TokenBucket:
    """Return the bucket after that many messages; raises ValueError when it has fewer tokens."""
    if not 0 <= count <= tokens_in(bucket):
        raise ValueError(f"{count} of {bucket.tokens} tokens cannot be taken")
    return replace(bucket, tokens=max(0.0, bucket.tokens - count))


def free_at(bucket: TokenBucket, limit: Limit) -> datetime:
    """The moment from which the next message may be sent."""
    return bucket.filled_at + timedelta(seconds=max(0.0, _NEARLY_ONE - bucket.tokens) * limit.pause)
