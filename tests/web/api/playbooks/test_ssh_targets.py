"""SSH targets over the API: allowed, listed and withdrawn by an administrator."""

import pytest

from tests.core.playbooks.test_ssh_target import ED25519, FINGERPRINT
from tests.plugins.app import Api, Speaker

GATE = {"host": "Gate.Example", "user": "isolate", "key_secret": "gate-key", "host_key": f"gate.example {ED25519}"}


@pytest.fixture
def administrator(speak: Speaker) -> Api:
    """An administrator, on both databases."""
    return speak("administrator")


def test_a_target_is_allowed_listed_and_withdrawn(administrator: Api) -> None:
    made = administrator.made("/ssh-targets", GATE)
    assert (made["host"], made["port"], made["host_keys"]) == ("gate.example", 22, [FINGERPRINT])
    assert (made["has_key"], made["allowed_by"]) == (False, "token:1:administrator of the tests")
    assert administrator.seen("/ssh-targets")["items"] == [made]
    assert administrator.post("/ssh-targets", GATE).status_code == 409
    assert administrator.delete(f"/ssh-targets/{made['id']}").status_code == 204
    assert administrator.delete(f"/ssh-targets/{made['id']}").status_code == 404
    assert administrator.seen("/ssh-targets")["items"] == []


def test_the_same_request_under_a_key_allows_once(administrator: Api) -> None:
    first, again = (administrator.post("/ssh-targets", GATE, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, again.status_code, first.json) == (201, 201, again.json)


def test_targets_are_leafed_through(administrator: Api) -> None:
    for port in (22, 23, 24):
        administrator.made("/ssh-targets", GATE | {"port": port})
    page = administrator.seen("/ssh-targets?limit=2")
    rest = administrator.seen(f"/ssh-targets?limit=2&cursor={page['next']}")
    assert [one["port"] for one in page["items"] + rest["items"]] == [22, 23, 24]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"host": "two words"}, "/host"),
        ({"port": 0}, "/port"),
        ({"port": "22"}, "/port"),
        ({"user": "-x"}, "/user"),
        ({"host_key": "nonsense"}, "/host_key"),
        ({"key_secret": ""}, "/key_secret"),
        ({"password": "x"}, "/password"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(speak_sqlite: Speaker, change: dict[str, object], place: str) -> None:
    answer = speak_sqlite("administrator").post("/ssh-targets", GATE | change)
    assert answer.status_code == 422
    assert answer.json is not None
    assert [error["pointer"] for error in answer.json["errors"]] == [place]
