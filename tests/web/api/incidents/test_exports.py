"""Exports over the API: asked for, followed, downloaded by who asked, and by nobody else."""

from typing import Any

from flask import Flask

from incident.actions.incidents.exports import make_next_piece
from incident.formats.messages import load_catalogues
from incident.store.db.database import db
from incident.web.instance import KEY
from tests.plugins.app import AT, Speaker


def make(app: Flask) -> None:
    instance: Any = app.extensions[KEY]
    with app.app_context():
        while make_next_piece(AT, instance.settings.zone, load_catalogues()):
            pass
        db.session.remove()


def test_an_export_is_asked_for_followed_downloaded_and_deleted(app: Flask, furnished: Speaker) -> None:
    boss = furnished("coordinator")
    number = boss.made("/incidents", {"title": "One", "departments": ["CERT"], "grade": 1})["number"]
    boss.made("/incidents", {"title": "Two", "grade": 2})
    asked = boss.made("/exports", {"format": "json", "grade": 1, "columns": ["departments"]})
    assert (asked["state"], asked["rows_total"], asked["content"]) == ("waiting", None, None)
    path = f"/exports/{asked['id']}"
    assert boss.get(f"{path}/content").status_code == 409
    make(app)
    ready = boss.seen(path)
    assert (ready["state"], ready["rows_done"], ready["rows_total"]) == ("ready", 1, 1)
    assert boss.seen("/exports")["items"] == [ready]
    answer = boss.get(f"{path}/content")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="incidents-2026-11-21-')
    facts = {"number": number, "title": "One", "status": "new", "grade": 1, "tlp": "amber", "departments": ["CERT"]}
    assert answer.json == [facts]
    assert boss.delete(path).status_code == 204
    assert boss.get(path).status_code == 404


def test_an_export_does_not_exist_for_anybody_but_who_asked(app: Flask, furnished: Speaker) -> None:
    boss, other = furnished("coordinator"), furnished("administrator")
    boss.made("/incidents", {"title": "One"})
    asked = boss.made("/exports", {"format": "csv"})
    make(app)
    for path in (f"/exports/{asked['id']}", f"/exports/{asked['id']}/content"):
        assert boss.get(path).status_code == 200
        assert other.get(path).status_code == 404
    assert other.delete(f"/exports/{asked['id']}").status_code == 404
    assert other.seen("/exports")["items"] == []


def test_the_same_request_under_the_same_key_asks_once(furnished_sqlite: Speaker) -> None:
    boss = furnished_sqlite("coordinator")
    asked = [boss.made("/exports", {"format": "csv"}, headers={"Idempotency-Key": "a"}) for _ in range(2)]
    assert asked[0] == asked[1]
    assert len(boss.seen("/exports")["items"]) == 1


def test_a_wrong_request_names_each_field(furnished_sqlite: Speaker) -> None:
    refused = furnished_sqlite("coordinator").post("/exports", {"format": "xlsx", "columns": ["secret"], "grade": 9})
    assert refused.status_code == 422
    assert refused.json is not None
    assert {one["pointer"] for one in refused.json["errors"]} == {"/format", "/columns/0", "/grade"}


def test_an_unknown_department_matches_nothing(sqlite_app: Flask, furnished_sqlite: Speaker) -> None:
    boss = furnished_sqlite("coordinator")
    boss.made("/incidents", {"title": "One"})
    asked = boss.made("/exports", {"format": "json", "department": "NOBODY"})
    make(sqlite_app)
    assert boss.get(f"/exports/{asked['id']}/content").json == []
