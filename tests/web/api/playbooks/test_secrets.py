"""Stored secrets over the API: listed, given places, and the permissions to write and use them."""

from typing import Any

import pytest

from incident.actions.playbooks import secrets
from incident.core.values import access
from incident.store.db.database import db
from incident.store.journal.journal import Entry
from incident.store.operations.instance import Secret
from incident.web.instance import KEY
from tests.core.cacao.build import MACHINE_AGENT, action, document, http, manual
from tests.plugins.app import AT, Api, Speaker
from tests.world import BY, approve_by_two, only

SIGN_IN = "oauth2--44444444-4444-4444-8444-444444444444"
WALL = "https://wall.test:8443"


def deposit(asking: Api, name: str, *places: str) -> None:
    """Store a secret; without places as in earlier versions."""
    app = asking.client.application
    ring = app.extensions[KEY].ring
    with app.app_context():
        if places:
            secrets.set_secret(name, "t0ken", places, ring, BY, AT)
        else:
            db.session.add(Secret(name=name, sealed=ring.seal("t0ken", f"secrets:{name}:sealed"), set_at=AT))
            db.session.commit()


def blocking(name: str = "Block", url: str = WALL) -> dict[str, Any]:
    """A playbook that signs in to a firewall with a stored secret."""
    made = document({"block": action("end", http(), agent=MACHINE_AGENT), "end": None}, name)
    made["agent_definitions"][MACHINE_AGENT] |= {"address": {"url": [url]}, "authentication_info": SIGN_IN}
    made["authentication_info_definitions"] = {
        SIGN_IN: {"type": "oauth2", "oauth_header": "", "kms": True, "kms_key_identifier": "wall/token"}
    }
    return made


def test_a_secret_from_before_is_listed_without_places_and_given_some(speak: Speaker) -> None:
    boss = speak("administrator")
    deposit(boss, "old/one")
    deposit(boss, "wall", WALL)
    listed = speak("coordinator").seen("/secrets")["items"]
    assert [(one["name"], one["places"]) for one in listed] == [("old/one", []), ("wall", [WALL])]
    assert "t0ken" not in boss.get("/secrets").text
    put = boss.put("/secrets/old/one/places", {"places": ["HTTPS://API.Example.org:443/", "http://10.0.0.1:80"]})
    assert put.status_code == 200, put.text
    assert put.json is not None
    assert put.json["places"] == ["http://10.0.0.1", "https://api.example.org"]
    with boss.client.application.app_context():
        assert only(Entry, event_type="secret.placed").subject == "secret:old/one"
    assert boss.put("/secrets/absent/places", {"places": ["ssh"]}).status_code == 404


def test_secrets_are_leafed_through(speak_sqlite: Speaker) -> None:
    boss = speak_sqlite("administrator")
    for name in ("a", "b", "c"):
        deposit(boss, name, "ssh")
    page = boss.seen("/secrets?limit=2")
    rest = boss.seen(f"/secrets?limit=2&cursor={page['next']}")
    assert [one["name"] for one in page["items"] + rest["items"]] == ["a", "b", "c"]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("places", "pointers"),
    [
        ([], ["/places"]),
        (["ssh", WALL], ["/places"]),
        (["https://h.test/path", WALL, "ftp://h.test", "https://u:p@h.test"], ["/places/0", "/places/2", "/places/3"]),
        (["https://h.test?x", "https://h.test#x", "h.test", "https://h.test:0"], [f"/places/{n}" for n in range(4)]),
        (["ssh://", "ssh://root@gate", "ssh://gate/x", "https://*.test"], [f"/places/{n}" for n in range(4)]),
        ([f"https://h{n}.test" for n in range(21)], ["/places"]),
        ("ssh", ["/places"]),
    ],
)
def test_what_is_no_place_is_refused_with_each_fault(speak_sqlite: Speaker, places: Any, pointers: list[str]) -> None:
    boss = speak_sqlite("administrator")
    deposit(boss, "wall", WALL)
    answer = boss.put("/secrets/wall/places", {"places": places})
    assert answer.status_code == 422, answer.text
    assert answer.json is not None
    assert [error["pointer"] for error in answer.json["errors"]] == pointers
    assert boss.seen("/secrets")["items"][0]["places"] == [WALL]


def test_a_start_tells_which_commands_lack_their_secret(furnished: Speaker) -> None:
    boss = furnished("coordinator")
    boss.made("/playbooks", blocking(url="http://127.0.0.1:1"))
    deposit(boss, "wall/token", WALL)
    number = boss.made("/incidents", {"title": "x", "departments": ["CERT"]})["number"]
    with boss.client.application.app_context():
        approve_by_two(blocking(), AT)
    run = boss.made(f"/incidents/{number}/runs", {"playbook": blocking()["id"]})
    assert [one["code"] for one in run["warnings"]] == ["command_without_secret"]
    assert "signs in with a stored secret that may not be used there" in run["warnings"][0]["detail"]


def test_a_playbook_that_names_a_secret_is_started_only_by_who_may_use_secrets(furnished: Speaker) -> None:
    boss, responder = furnished("coordinator"), furnished("responder")
    called = blocking("Called")
    calling = document({"call": {"type": "playbook-action", "playbook_id": called["id"], "on_completion": "end"},
                        "end": None}, "Calling")  # fmt: skip
    shell = document({"run": action("end", {"type": "ssh", "command": "id"}, agent="ssh--" + MACHINE_AGENT[10:]),
                      "end": None}, "Shell")  # fmt: skip
    shell["agent_definitions"]["ssh--" + MACHINE_AGENT[10:]] = {
        "type": "ssh", "name": "gate", "address": {"dname": ["gate.test"]},
    }  # fmt: skip
    number = boss.made("/incidents", {"title": "x", "departments": ["CERT"]})["number"]
    rules: dict[str, Any] = {"rules": []}
    for made in (called, calling, shell):
        boss.made("/playbooks", made)
        rules["rules"].insert(0, {"when": {"source": "manual"}, "set": {"playbook": made["id"]}})
        assert boss.put("/rules", rules, headers={"If-Match": "*"}).status_code < 300
        for path, body in (
            ("/incidents", {"title": "Mine", "playbook": made["id"]}),
            (f"/incidents/{number}/runs", {"playbook": made["id"]}),
        ):
            refused = responder.post(path, body)
            assert refused.status_code == 403, refused.text
            assert refused.json is not None
            assert refused.json["code"] == "secret.use_needed", "even though the rules propose it"
    assert boss.seen(f"/incidents/{number}")["runs"] == []
    opened = responder.made("/incidents", {"title": "By the rules"})
    assert len(boss.seen(f"/incidents/{opened['number']}")["runs"]) == 1, "a rule starts by the right of who wrote it"
    boss.made(f"/incidents/{number}/runs", {"playbook": called["id"]})


def test_whoever_may_use_no_secrets_adds_no_playbook_that_does_and_no_rule_that_starts_one(
    furnished: Speaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss, without = furnished("administrator"), furnished("coordinator")
    boss.made("/playbooks", blocking())
    boss.made("/playbooks", document({"look": action("end", manual("Look")), "end": None}, "Look"))
    less = access.PERMISSIONS["coordinator"] - {"secret.use"}
    monkeypatch.setattr(access, "PERMISSIONS", {**access.PERMISSIONS, "coordinator": less})
    rule = {"when": {"source": "manual"}, "set": {"playbook": blocking()["id"]}}
    for refused in (
        without.post("/playbooks", blocking("Another")),
        without.put("/rules", {"rules": [rule]}, headers={"If-Match": "*"}),
    ):
        assert refused.status_code == 403, refused.text
        assert refused.json is not None
        assert refused.json["code"] == "secret.use_needed"
    without.made("/playbooks", document({"see": action("end", manual("See")), "end": None}, "See"))
    assert without.get("/secrets").status_code == 403


def test_places_are_replaced_on_the_condition_that_was_read(speak: Speaker) -> None:
    boss = speak("administrator")
    deposit(boss, "wall", WALL)
    read = boss.get("/secrets/wall/places")
    assert read.json is not None
    assert read.json["places"] == [WALL]
    as_read, other = {"If-Match": read.headers["ETag"]}, {"If-Match": '"nonsense"'}
    assert boss.put("/secrets/wall/places", {"places": ["ssh"]}, headers=other).status_code == 412
    assert boss.put("/secrets/wall/places", {"places": ["ssh"]}, headers=as_read).status_code == 200
    stale = boss.put("/secrets/wall/places", {"places": [WALL]}, headers=as_read)
    assert (stale.status_code, boss.seen("/secrets/wall/places")["places"]) == (412, ["ssh"])
    assert boss.get("/secrets/absent/places").status_code == 404
