"""First views of pages, measured in turns with a bare Flask answer.

Shared machines lose up to half of their speed for minutes. A bare answer of the same second says how fast the machine
is then; the fastest of the whole run is its full speed, for which the limit holds.
"""

from dataclasses import dataclass, field
from statistics import median

from incident.web.security.auth import SESSION_COOKIE
from tests.bench import client, server
from tests.bench.client import Load
from tests.bench.table import Row

ROUNDS = 3
REQUESTS = 14
"""Requests of one round, one after the other."""

BARE_REQUESTS = 40
LIMIT = 0.050
"""Seconds for the 95th percentile of a first view, at full speed."""

KB = 1024


@dataclass
class FirstViews:
    """Measures pages of one server beside a bare Flask application."""

    running: server.Running
    beside: server.Running
    bare: list[float] = field(default_factory=list)
    """The median time (s) of a bare answer in each round."""

    def measure(self, what: str, path: str, session: str) -> Row | None:
        """Measure one page; None when the person may not open it.

        Args:
            what: the page, for the table.
            path: its address.
            session: the cookie of a person.
        """
        asked = client.request("GET", path, cookie=f"{SESSION_COOKIE}={session}")
        status, body = client.once(self.running.port, asked)
        if status == 403:
            return None
        _ask(self.running, asked, 5)
        times, bare, cpu = list[float](), list[float](), 0.0
        for _ in range(ROUNDS):
            bare.append(_ask(self.beside, client.request("GET", "/"), BARE_REQUESTS).quantile(0.5))
            before = self.running.cpu()
            times += _ask(self.running, asked, REQUESTS).times
            cpu += self.running.cpu() - before
        self.bare += bare
        speed = min(self.bare) / median(bare)
        slow = Load(times=times).quantile(0.95)
        measured = f"p50 {median(times) * 1000:.1f} ms, p95 {slow * 1000:.1f} ms, {len(body) / KB:.0f} kB"
        return Row(
            what,
            f"{measured}, at {speed:.0%} speed",
            "p95 < 50 ms at full speed",
            slow * speed < LIMIT,
            f"{cpu / len(times) * 1000:.1f} ms",
            f"{median(times) / median(bare):.0f}",
        )


def _ask(running: server.Running, asked: bytes, count: int) -> Load:
    """Send a request again and again; raises AssertionError when one is refused."""
    outcome = client.load(running.port, client.every([asked]), 1, 0.0, most=count, least=count)
    assert not outcome.refused, outcome.refused[0]
    return outcome
