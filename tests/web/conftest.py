"""Fixtures of the web tests: an instance with a department that can be notified, and its members."""

from typing import Any

import pytest

from tests.core.cacao.build import action, document, manual
from tests.plugins.app import Api, Speaker
from tests.web.office import office

__all__ = ["office"]


def furnish(speak: Speaker) -> None:
    """Add the department CERT with the levels Duty and Head."""
    administrator = speak("administrator")
    administrator.made("/departments", {"code": "CERT", "name": "Emergency response"})
    for level, name in ((1, "Duty"), (2, "Head")):
        contact = {"name": name, "channel": "email", "address": f"{name.lower()}@cert.example", "level": level}
        administrator.made("/departments/CERT/contacts", contact)
    policy = {"levels": [{"wait": "PT5M"}, {"wait": "PT10M"}], "repeat": 1}
    assert administrator.put("/departments/CERT/policy", policy).status_code == 200


@pytest.fixture
def furnished(speak: Speaker) -> Speaker:
    """Programs of each role on a furnished instance, on both databases."""
    furnish(speak)
    return speak


@pytest.fixture
def boss(furnished: Speaker) -> Api:
    """A coordinator on a furnished instance, on both databases."""
    return furnished("coordinator")


@pytest.fixture
def furnished_sqlite(speak_sqlite: Speaker) -> Speaker:
    """Clients of each role on a furnished instance, on SQLite only."""
    furnish(speak_sqlite)
    return speak_sqlite


@pytest.fixture
def boss_sqlite(furnished_sqlite: Speaker) -> Api:
    """A coordinator on a furnished instance, on SQLite only."""
    return furnished_sqlite("coordinator")


@pytest.fixture
def playbook() -> dict[str, Any]:
    """A playbook of one manual step of at most a minute, followed by a second step."""
    look = action("tell", manual("Look at the log"), name="Look", timeout=60_000)
    return document(
        {"look": look, "tell": action("end", manual("Tell the owner"), name="Tell"), "end": None}, "Look and tell"
    )
