"""Responses while many passwords are hashed at once."""

import time
from collections.abc import Iterator

import pytest

from incident.actions.directory import passwords
from tests.web.office import Office


@pytest.fixture
def all_places_taken() -> Iterator[None]:
    """All hashing slots are in use."""
    taken = 0
    while passwords._hashing.acquire(blocking=False):
        taken += 1
    yield
    for _ in range(taken):
        passwords._hashing.release()


@pytest.mark.usefixtures("all_places_taken")
def test_a_set_up_link_that_was_never_made_is_refused_without_a_hash(office: Office) -> None:
    form = {"name": "Eve", "login": "eve", "password": "a long enough password"}
    begun = time.monotonic()
    office.browser().post("/setup/anything", status=410, **form)
    assert time.monotonic() - begun < passwords.WAIT_LIMIT


@pytest.mark.usefixtures("all_places_taken")
def test_a_sign_in_waits_two_seconds_at_most_and_says_when_to_try_again(office: Office) -> None:
    begun = time.monotonic()
    answer = office.browser().post("/sign-in", status=503, login="wang", password="a long enough password")
    assert passwords.WAIT_LIMIT <= time.monotonic() - begun < passwords.WAIT_LIMIT + 5
    assert answer.headers["Retry-After"] == "2"
    assert "Many people are signing in at the moment" in answer.text
    assert 'value="wang"' in answer.text
