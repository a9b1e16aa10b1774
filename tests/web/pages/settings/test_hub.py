"""The page of settings: what is on, what is wrong, and what the environment sets without its secrets."""

import re
from pathlib import Path

import pytest

from incident.settings_sources import PLAIN, shown_settings
from incident.web.pages.settings.environment_words import SETTING_GROUPS
from tests.web.office import Office

VARIABLE = re.compile(r"\bINCIDENT_[A-Z_]+\b")


def test_an_administrator_sees_each_part_and_what_is_wrong_with_it(office: Office) -> None:
    page = office.browser("administrator").get("/settings")
    for part in ("People", "Tokens", "Departments", "Channels", "Machine commands", "Journal", "Environment"):
        assert f"<strong>{part}</strong>" in page
    assert "without a password and an open invitation: 4" in page
    assert "without a contact, so they cannot be notified: 1" in page
    assert "a channel in use is not set up" in page


def test_a_coordinator_sees_only_the_parts_that_they_may_use(office: Office) -> None:
    page = office.browser("coordinator").get("/settings")
    assert "<strong>Machine commands</strong>" in page
    for part in ("People", "Tokens", "Environment"):
        assert f"<strong>{part}</strong>" not in page
    office.browser("coordinator").get("/settings/environment", status=403)
    office.browser("reader").get("/settings", status=403)


def test_a_stop_of_machine_commands_is_said_among_what_is_wrong(office: Office) -> None:
    office.browser("coordinator").post("/settings/machine-commands/stop", reason="x")
    assert "all machine commands are stopped" in office.browser("coordinator").get("/settings")


def test_the_environment_is_shown_with_its_source_and_without_its_secrets(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INCIDENT_SMTP_URL", "smtp://root:zqpassword@mail.example")
    monkeypatch.setenv("INCIDENT_DATABASE_URL", "postgresql+psycopg://u:zqpassword@db/x")
    monkeypatch.setenv("INCIDENT_UNSIGNED_PLAYBOOKS", "0")
    monkeypatch.setenv("INCIDENT_PUBLIC_URL", "https://incident.example")
    page = office.browser("administrator").get("/settings/environment")
    assert "zqpassword" not in page
    assert "https://incident.example" in page
    row = page[page.index("INCIDENT_UNSIGNED_PLAYBOOKS") :][:300]
    assert ">no</div>" in row
    assert ">environment</span>" in row


def test_a_setting_that_nobody_thought_of_is_not_shown() -> None:
    given = {"INCIDENT_NEW_TOKEN": "secret", "INCIDENT_HOME": " /srv ", "INCIDENT_KEYS": " ", "PATH": "x"}
    assert shown_settings(given) == {"INCIDENT_NEW_TOKEN": None, "INCIDENT_HOME": "/srv"}


def test_every_setting_of_the_documentation_is_on_the_page_and_no_other() -> None:
    listed = set(VARIABLE.findall(Path("docs/settings.md").read_text("utf-8")))
    shown = {one.name for _, rows in SETTING_GROUPS for one in rows}
    assert shown == listed
    assert shown >= PLAIN


def test_channels_say_which_are_set_up_used_and_failing(office: Office) -> None:
    page = office.browser("coordinator").get("/settings/channels")
    assert "contacts: 1" in page
    assert "not set up" in page
    office.browser("department").get("/settings/channels", status=403)
