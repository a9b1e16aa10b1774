"""The page of stored secrets: unused ones, and the places of each."""

from incident.actions.playbooks import secrets
from incident.store.db.database import db
from incident.store.operations.instance import Secret
from incident.web.instance import KEY
from tests.web.office import BY, Office


def test_an_administrator_sees_a_secret_without_a_place_and_enters_one(office: Office) -> None:
    ring = office.app.extensions[KEY].ring

    def deposit() -> None:
        db.session.add(Secret(name="old", sealed=ring.seal("t0ken", "secrets:old:sealed"), set_at=office.hand.at))
        db.session.commit()
        secrets.set_secret("gate-key", "KEY", ["ssh"], ring, BY, office.hand.at)

    office.do(deposit)
    browser = office.browser("administrator")
    assert "/playbooks/secrets" in browser.get("/playbooks")
    page = browser.get("/playbooks/secrets")
    assert "1 secret is not used anywhere" in page
    assert "all servers allowed for ssh" in page
    assert "t0ken" not in page
    wrong = browser.post("/playbooks/secrets", status=422, name="old", places="https://wall.test/path")
    assert "Enter where the secret may be used" in wrong.text
    assert ">\nhttps://wall.test/path</textarea>" in wrong.text
    browser.post("/playbooks/secrets", name="old", places="https://wall.test\r\nhttps://10.0.0.1:8443, http://a.test")
    page = browser.get("/playbooks/secrets")
    assert "https://10.0.0.1:8443" in page
    assert "where it may be used is not set" not in page


def test_a_coordinator_sees_names_and_places_and_changes_none(office: Office) -> None:
    ring = office.app.extensions[KEY].ring
    office.do(lambda: secrets.set_secret("wall", "t0ken", ["https://wall.test"], ring, BY, office.hand.at))
    page = office.browser("coordinator").get("/playbooks/secrets")
    assert "https://wall.test" in page
    assert "<form" not in page.split("<main", 1)[1]
    office.browser("coordinator").post("/playbooks/secrets", status=403, name="wall", places="http://evil.test")
    office.browser("responder").get("/playbooks/secrets", status=403)
