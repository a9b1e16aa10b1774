"""Whom a note mentions."""

import pytest

from incident.core.incidents.news import mentioned_logins


@pytest.mark.parametrize(
    ("note", "logins"),
    [
        ("Ask @li.wei and @zhao-min.", ["li.wei", "zhao-min"]),
        ("@li.wei, again @li.wei", ["li.wei"]),
        ("(@王伟) or li@example.org", ["王伟"]),
        ("nobody @ all", []),
    ],
)
def test_a_note_mentions_people_by_their_sign_in_names_and_no_addresses(note: str, logins: list[str]) -> None:
    assert mentioned_logins(note) == logins
