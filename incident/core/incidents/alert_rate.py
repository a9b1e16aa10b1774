"""How many alerts one sender may send: so many a second, and so many more at once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `per_second` in the long run, of which `burst` may come at once; both at least 1."""

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
        """Take from a bucket for so many; one request may hold more than ever fit, and goes when the bucket is full.

        Args:
            tokens: how many there were.
            passed: seconds since then.
            count: how many are wanted.

        Returns:
            How many tokens there are now, and after how many seconds to try again: 0 when they were taken.
        """
        filled = min(float(self.burst), tokens + max(0.0, passed) * self.per_second)
        wanted = min(count, self.burst)
        if filled >= wanted:
            return filled - wanted, 0.0
        return filled, (wanted - filled) / self.per_second
