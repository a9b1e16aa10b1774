"""Each failed sign-in writes a log line for fail2ban, and one journal entry an hour."""

import configparser
import datetime as dt
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from incident.logs.sign_ins import line_of

FOLDER = Path(__file__).parents[3] / "docs" / "fail2ban"
SYSLOG_MOMENT = r"\w{3} \d\d \d\d:\d\d:\d\d"
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
ADDRESS = r"(?P<host>\d+\.\d+\.\d+\.\d+|[0-9a-fA-F:]*:[0-9a-fA-F:]*)"
"""The pattern that fail2ban inserts for <ADDR>, simplified."""

FILE, JOURNAL = "{}", "Nov 28 03:00:05 soc-1 gunicorn[4711]: {}"
"""The log line in a file of its own, and with the prefix of fail2ban's journal reader or syslog."""


def banned(log: str) -> list[str]:
    """The addresses that the shipped filter finds in each line, after removing the time as fail2ban does."""
    shipped = configparser.RawConfigParser()
    shipped.read(FOLDER / "incident.conf", "utf-8")
    pattern = re.compile(shipped["Definition"]["failregex"].replace("<ADDR>", ADDRESS))
    lines = (re.sub(f"^(?:{MOMENT}|{SYSLOG_MOMENT})", "", line) for line in log.splitlines())
    return [found["host"] for line in lines if (found := pattern.search(line))]


@pytest.mark.parametrize("written", [FILE, JOURNAL])
@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8::1"])
@pytest.mark.parametrize("reason", ["password", "waiting", "link"])
def test_the_shipped_filter_finds_the_address_in_every_line(address: str, reason: str, written: str) -> None:
    line = line_of(address, reason, dt.datetime(2026, 11, 28, 3, 0, tzinfo=dt.UTC))
    assert banned(written.format(line)) == [address]


def test_the_form_of_the_line_is_for_good() -> None:
    line = line_of("203.0.113.7", "password", dt.datetime(2026, 11, 28, 3, 0, 5, tzinfo=dt.UTC))
    assert line == "2026-11-28T03:00:05Z incident: sign-in failed from 203.0.113.7 (password)\n"


OTHERS = [
    "2026-11-28T03:00:05Z incident: sign-in failed from evil.example (joke)",
    "2026-11-28T03:00:05Z incident: sign-in failed from evil.example (password)",
    "2026-11-28T03:00:05Z incident: sign-in failed from unknown (password)",
    "2026-11-28T03:00:05Z [warning] x incident: sign-in failed from 203.0.113.9 (password)",
    "Nov 28 03:00:05 soc-1 gunicorn[4711]: 2026-11-28T03:00:05Z x incident: sign-in failed from 203.0.113.9 (link)",
    "2026-11-28T03:00:05Z incident: sign-in failed from 203.0.113.9 (password) by x",
]


@pytest.mark.parametrize("line", OTHERS)
def test_the_filter_finds_nobody_in_other_lines(line: str) -> None:
    assert banned(line) == []


@pytest.fixture
def browser(sqlite_app: Flask) -> FlaskClient:
    return sqlite_app.test_client()


def sign_in(browser: FlaskClient, login: str) -> int:
    return browser.post("/sign-in", data={"login": login, "password": "a wrong password"}).status_code


def test_every_failed_sign_in_leaves_a_line_and_what_was_typed_is_in_none(
    browser: FlaskClient, capfd: pytest.CaptureFixture[str]
) -> None:
    forged = "li\n2026-11-28T03:00:05Z incident: sign-in failed from 198.51.100.1 (password)"
    statuses = [sign_in(browser, login) for login in ("nobody", forged, *("other",) * 7)]
    assert statuses[-1] == 429
    written = capfd.readouterr().err
    assert banned(written) == ["127.0.0.1"] * 9
    assert [line.rpartition(" ")[2] for line in written.splitlines() if "sign-in failed" in line] == [
        *["(password)"] * 7,
        *["(waiting)"] * 2,
    ]
    assert not any(typed in written for typed in ("nobody", "other", "198.51.100.1", "a wrong password"))


@pytest.mark.parametrize("path", ["/sign-in/link/nothing", "/setup/nothing", "/password/nothing"])
def test_a_link_that_is_none_leaves_a_line(browser: FlaskClient, capfd: pytest.CaptureFixture[str], path: str) -> None:
    assert browser.get(path).status_code == 410
    written = capfd.readouterr().err
    assert banned(written) == ["127.0.0.1"]
    assert "(link)" in written


def test_a_refused_token_is_logged_without_the_token(browser: FlaskClient, capfd: pytest.CaptureFixture[str]) -> None:
    refused = browser.get("/api/v1/incidents", headers={"Authorization": "Bearer int_guessed"})
    assert refused.status_code == 401
    written = capfd.readouterr().err
    assert "a token was refused" in written
    assert "127.0.0.1" in written
    assert "int_guessed" not in written
