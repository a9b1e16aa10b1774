"""The README is correct and fits on one screen."""

import re
import subprocess
import sys
from datetime import UTC, datetime
from typing import cast

from incident.core.incidents.alert import Alert
from incident.core.incidents.routing import RoutingInput, match
from incident.core.incidents.routing_document import read_rules
from incident.core.values.access import Role, may
from incident.data import demonstration
from incident.sources import read_alerts
from tests.house.source import ROOT

README = (ROOT / "README.md").read_text("utf-8")
ENGINE = (ROOT / "docs" / "engine.md").read_text("utf-8")
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def test_the_engine_is_used_as_a_library_in_ten_lines_that_run() -> None:
    [code] = re.findall(r"```python\n(.*?)```", ENGINE, re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) == 10
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("succeeded\n", "")


def test_the_readme_fits_on_one_screen() -> None:
    assert len(README.splitlines()) <= 60


def test_the_alert_that_a_newcomer_posts_is_allowed_and_starts_a_playbook_of_the_demonstration() -> None:
    role = cast(Role, re.findall(r"token create --name try --role (\w+)", README)[0])
    assert may(role, "alert.post")
    source = re.findall(r"/api/v1/alerts/(\w+)", README)[0]
    payload = re.findall(r"-d '(\{.*?\})'", README, re.DOTALL)[0]
    [alert] = read_alerts(source, payload.encode(), NOW)
    assert isinstance(alert, Alert)
    book = read_rules(demonstration()["rules"])
    given = RoutingInput(source=alert.source, category=alert.category, grade=alert.grade, labels=alert.labels)
    verdict = match(book.rules, book.default, given)
    assert verdict.playbook
    assert len(verdict.departments) == 2  # as the README says
