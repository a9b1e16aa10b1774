"""Signers and signatures over the API."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from incident.core.cacao.signing.sign import countersign, sign
from tests.core.cacao.build import action, document
from tests.core.cacao.signers import about, key, private_pem, public_pem
from tests.plugins.app import Hand, Speaker, made_app, speaking

LOOK = document({"look": action("done"), "done": None}, name="Look")
SIGNED = sign(LOOK, key("P-256"), about("ES256"))
CENTRE = {"name": "Response centre", "public_key": public_pem("P-256")}


@pytest.fixture
def strict_app(tmp_path: Path, hand: Hand) -> Iterator[Flask]:
    """An application in which only signed playbooks start."""
    with made_app(tmp_path, allow_unsigned_playbooks=False) as made:
        yield made


def test_a_signer_is_trusted_listed_and_revoked(speak: Speaker) -> None:
    administrator = speak("administrator")
    made = administrator.made("/signers", CENTRE | {"valid_until": "2027-01-01"})
    assert (made["key"], made["algorithms"], made["valid_from"]) == ("P-256", ["ES256"], None)
    assert made["fingerprint"] == key("P-256").public.fingerprint
    assert made["valid_until"] == "2027-01-02T00:00:00.000000Z"
    assert (made["public_key"], made["added_by"]) == (public_pem("P-256"), "token:1:administrator of the tests")
    assert speak("reader").seen("/signers")["items"] == [made]
    again = administrator.post("/signers", CENTRE)
    assert (again.status_code, again.json is not None and again.json["code"]) == (409, "signer.exists")
    assert administrator.delete(f"/signers/{made['id']}").status_code == 204
    assert administrator.delete(f"/signers/{made['id']}").status_code == 409
    assert administrator.delete("/signers/999").status_code == 404
    [revoked] = administrator.seen("/signers")["items"]
    assert revoked["revoked_at"] is not None


def test_signers_are_leafed_through(speak_sqlite: Speaker) -> None:
    administrator = speak_sqlite("administrator")
    for which in range(3):
        administrator.made("/signers", {"name": f"n{which}", "public_key": public_pem(which=which)})
    page = administrator.seen("/signers?limit=2")
    rest = administrator.seen(f"/signers?limit=2&cursor={page['next']}")
    assert [one["name"] for one in page["items"] + rest["items"]] == ["n0", "n1", "n2"]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": ""}, "/name"),
        ({"public_key": "x"}, "/public_key"),
        ({"public_key": private_pem("P-256").decode()}, "/public_key"),
        ({"public_key": None}, "/public_key"),
        ({"public_key": "x" * 30_000}, "/public_key"),
        ({"valid_until": "soon"}, "/valid_until"),
        ({"valid_until": "0001-01-01"}, "/valid_until"),
        ({"valid_from": "2027-01-02", "valid_until": "2027-01-01"}, "/valid_until"),
        ({"trust": True}, "/trust"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(speak_sqlite: Speaker, change: dict[str, Any], place: str) -> None:
    answer = speak_sqlite("administrator").post("/signers", CENTRE | change)
    assert answer.status_code == 422
    assert answer.json is not None
    assert [error["pointer"] for error in answer.json["errors"]] == [place]


def test_it_is_told_who_has_signed_a_playbook_and_what_that_counts(speak_sqlite: Speaker) -> None:
    speak_sqlite("administrator").made("/signers", CENTRE)
    made = speak_sqlite("coordinator").made("/playbooks", countersign(SIGNED, 0, key(), about(signee="Notary")))
    assert made["warnings"] == []
    notified = speak_sqlite("reader").seen(f"/playbooks/{made['id']}/signatures")
    assert (notified["is_trusted"], notified["is_needed"], notified["faults"]) == (True, False, [])
    ours, notary = notified["items"]
    assert (ours["state"], ours["form"], ours["signer"], ours["code"]) == ("holds", "hex", "Response centre", None)
    assert (notary["pointer"], notary["is_trusted"], notary["code"]) == (
        "/signatures/0/signature",
        False,
        "signer_unknown",
    )
    assert "is not trusted" in notary["detail"]
    assert speak_sqlite("reader").get("/playbooks/playbook--x/signatures").status_code == 404


def test_what_was_changed_after_signing_is_told_when_it_is_added(speak_sqlite: Speaker) -> None:
    changed = copy.deepcopy(SIGNED) | {"name": "Look!"}
    [warning] = speak_sqlite("coordinator").made("/playbooks", changed)["warnings"]
    assert (warning["code"], warning["severity"], warning["pointer"]) == (
        "signature_changed",
        "warning",
        "/signatures/0",
    )


def test_a_changed_playbook_does_not_start_where_signatures_are_asked_for(strict_app: Flask) -> None:
    speak = speaking(strict_app)
    boss, number = speak("administrator"), "/incidents/INC-2026-000001/runs"
    boss.made("/signers", CENTRE)
    boss.made("/incidents", {"title": "Scan"})
    changed = copy.deepcopy(SIGNED) | {"name": "Look!"}
    [warning] = boss.made("/playbooks", changed)["warnings"]
    assert warning["code"] == "signature_changed"
    refused = boss.post(number, {"playbook": LOOK["id"]})
    assert refused.status_code == 422
    assert refused.json is not None
    assert [one["code"] for one in refused.json["errors"]] == ["signature_changed"]
    [fault] = boss.seen(f"/playbooks/{LOOK['id']}/signatures")["faults"]
    assert fault["code"] == "signature_changed"
    later = document({"look": action("done"), "done": None}, name="Look", modified="2026-11-21T00:00:00.000Z")
    boss.made("/playbooks", sign(later, key("P-256"), about("ES256")))
    assert boss.made(number, {"playbook": LOOK["id"]})["state"] == "waiting"
