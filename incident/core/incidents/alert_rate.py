"""Rate limit of alerts for each sender: a rate per second and a burst."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `per_second` in the long run, and `burst` at once; both at least 1."""

    per_second: int = 100
    burst: int = 2_000

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Read `PER_SECOND,BURST`; raises ValueError."""
        first, _, second = text.partition(",")
        found = cls(int(first), int(second))
        if not 1 <= found.per_second <= found.burst <= 1_000_000:
            raise ValueError(text)
        return found

    def take(self, tokens: float, passed: float, count: int) -> tuple[float, float]:
        """Take tokens from a bucket; a request for more than ever fit is accepted when the bucket is full.

        Args:
            tokens: the number of tokens in the bucket at its last change.
            passed: seconds since then.
            count: the number of tokens requested.

        Returns:
            The number of tokens now, and the seconds after which to try again: 0 when they were taken.
        """
        return take_tokens(self.burst, self.per_second, tokens, passed, count)


def take_tokens(burst: int, per_second: float, tokens: float, passed: float, count: int) -> tuple[float, float]:
    """Take tokens from a bucket that holds `burst` of them and is filled at a rate; see `Rate.take`."""
    filled = min(float(burst), tokens + max(0.0, passed) * per_second)
    wanted = min(count, burst)
    if filled >= wanted:
        return filled - wanted, 0.0
    return filled, (wanted - filled) / per_second
