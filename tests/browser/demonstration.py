"""A served demonstration with one of each thing that it lacks, for the walks over its pages."""

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from incident import clock
from incident.actions.notifications.acknowledge_links import acknowledge_token
from incident.keyring import KeyRing
from incident.web.api.deadlines.rule_set_documents import EXAMPLE
from tests.stories.served import Served

RANSOMWARE = "playbook--dfa3f62a-26db-403f-9f87-159bd2cc8313"
MAPPING = {"version": 1, "variants": [{"name": "alarm", "title": "{/text}", "fingerprint": "/id"}]}
SYSTEM = {
    "code": "PAY",
    "name": "Payments of the city / 城市缴费系统",
    "owner": "it-ops",
    "protection_level": 3,
    "criticality": "high",
    "addresses": ["192.0.2.0/24"],
    "names": ["*.pay.a-very-long-name-of-a-subdomain.example"],
}


class Demonstration(Served):
    """A served demonstration with one of each thing that it lacks."""

    def furnish(self) -> None:
        """Add a system, a source, a drill and others over the API, and dead letters in their table."""
        token = self.token()
        tomorrow = (clock.now() + dt.timedelta(days=1)).isoformat()
        self._send(token, "POST", "/systems", SYSTEM)
        self._send(token, "POST", "/maintenance-windows", {"reason": "Update", "ends_at": tomorrow, "system": "PAY"})
        self._send(token, "PUT", "/sources/doors", {"mapping": MAPPING})
        self._send(token, "POST", "/drills", {"playbook": RANSOMWARE, "departments": ["cert"]})
        self._send(token, "POST", "/subscriptions", {"name": "SOC", "url": "https://127.0.0.1/hook", "events": ["*"]})
        profile = {"operator_class": "cii", "regions": ["330000"], "regimes": ["eu-dora", "us-sec-8k", "cn-pipl-57"]}
        self._send(token, "PUT", "/organization/profile", profile)
        live = f"INC-{clock.now().year}-000007"
        self._send(token, "POST", "/documents", {"kind": "request-for-instructions", "incident": live})
        came = {"kind": "letter", "incident": live, "title": "Letter / 来函", "sender": "Y"}
        self._send(token, "POST", "/incoming-papers", came | {"received_at": clock.now().isoformat()})
        published = self.call("PUT", "/grading-rule-sets/grid", token, EXAMPLE)
        assert published.ok, published.text
        aware = {"at": clock.now().isoformat(), "who": "Li Wei / 李伟", "how": "An alarm / 告警"}
        self._send(token, "PUT", f"/incidents/INC-{clock.now().year}-000007/awareness", aware)
        with closing(sqlite3.connect(self.home / "incident.db", timeout=30)) as database:
            [(message,)] = database.execute("SELECT webhook_id FROM messages ORDER BY id DESC LIMIT 1").fetchall()
            some = "SELECT id FROM messages WHERE state = 'sent' ORDER BY id LIMIT 2"
            database.execute(f"UPDATE messages SET state = 'refused' WHERE id IN ({some})")
            [(contact,)] = database.execute("SELECT min(id) FROM contacts WHERE channel = 'email'").fetchall()
            database.commit()
        ring = KeyRing.load(self.home / "keys.json")
        sent = f"{contact}.{int(clock.now().timestamp())}"
        year = clock.now().year
        self.filled = {
            "LIVE": f"INC-{year}-000007",
            "CLOSED": f"INC-{year}-000002",
            "RULES": published.json()["content_hash"],
            "ANSWER": acknowledge_token(ring, message),
            "REACHED": f"{sent}.{ring.sign(f'reached:{sent}')}",
        }

    def _send(self, token: str, method: str, path: str, body: Any) -> None:
        answer = self.call(method, path, token, body)
        assert answer.ok, answer.text

    def at(self, path: str) -> str:
        """Return an address in which the words of `filled` are replaced."""
        for word, value in self.filled.items():
            path = path.replace(word, value)
        return path

    @contextmanager
    def changed(self, statement: str, back: str) -> Iterator[None]:
        """Damage the database behind the program's back for as long as the block runs."""
        self._execute(statement)
        try:
            yield
        finally:
            self._execute(back)

    def _execute(self, statement: str) -> None:
        with closing(sqlite3.connect(self.home / "incident.db", timeout=30)) as database:
            database.execute(statement)
            database.commit()

    def links(self) -> dict[str, str]:
        """The sign-in links by role."""
        shown = self.run("demo", "links")
        return dict(line.split() for line in shown.stdout.splitlines())
