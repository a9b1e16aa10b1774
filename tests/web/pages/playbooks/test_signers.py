"""The page of signers, and the signatures on a playbook's page."""

import pytest

from incident.actions.directory import departments
from incident.actions.incidents import incidents
from incident.actions.incidents.open_incident import NewIncident
from incident.actions.playbooks import playbooks, signatures, signers
from incident.core.cacao.signing.sign import sign
from incident.core.incidents.routing_document import read_rules
from incident.store.db.database import db
from incident.store.playbooks.signers import list_signers
from tests.core.cacao.build import action, document
from tests.core.cacao.signers import about, key, public_pem
from tests.web.office import BY, Office

LOOK = document({"look": action("done"), "done": None}, name="Look")
SIGNED = sign(LOOK, key(), about())


@pytest.fixture
def strict(office: Office) -> Office:
    """An office in which only signed playbooks start."""
    office.do(lambda: signatures.demand(db.engine, True))
    return office


def add(office: Office, made: dict) -> str:
    office.do(lambda: playbooks.add_playbook(made, BY, office.hand.at))
    return f"/playbooks/{made['id']}"


def test_an_administrator_trusts_a_signer_and_revokes_the_trust(office: Office) -> None:
    browser = office.browser("administrator")
    browser.post("/playbooks/signers", name="响应中心", public_key=public_pem(), valid_until="2027-05-01T12:00")
    page = browser.get("/playbooks/signers")
    assert "响应中心" in page
    assert key().public.fingerprint in page
    [row] = office.do(lambda: list(list_signers()))
    browser.post(f"/playbooks/signers/{row.id}/revoke")
    assert 'class="bad">revoked' in browser.get("/playbooks/signers")
    browser.post(f"/playbooks/signers/{row.id}/revoke", status=409)


def test_what_was_typed_wrong_is_told_at_its_field(office: Office) -> None:
    answer = office.browser("administrator").post(
        "/playbooks/signers", status=422, name="Centre", public_key="nonsense", valid_from="x"
    )
    assert answer.text.count('class="fault"') == 1
    answer = office.browser("administrator").post("/playbooks/signers", status=422, name="Centre", public_key="no key")
    assert "Enter a public key" in answer.text
    assert 'value="Centre"' in answer.text


def test_others_see_the_signers_and_change_nothing(office: Office) -> None:
    office.do(lambda: signers.add_signer("Centre", public_pem(), None, None, BY, office.hand.at))
    page = office.browser("coordinator").get("/playbooks/signers")
    assert "Centre" in page
    assert "<form" not in page.split("<main", 1)[1]
    office.browser("coordinator").post("/playbooks/signers", status=403, name="x", public_key=public_pem())


def test_the_page_says_whether_unsigned_playbooks_may_start(office: Office) -> None:
    browser = office.browser("reader")
    assert "may start here without a signature" in browser.get("/playbooks/signers")
    office.do(lambda: signatures.demand(db.engine, True))
    assert "Only playbooks with a valid signature" in browser.get("/playbooks/signers")


def test_a_playbook_says_who_signed_it_and_whether_that_counts(office: Office) -> None:
    place, browser = add(office, SIGNED), office.browser("reader")
    page = browser.get(place)
    assert "who signed “Look”, is not trusted" in page
    assert "over the hex text of the hash" in page
    office.do(lambda: signers.add_signer("The centre", public_pem(), None, None, BY, office.hand.at))
    page = browser.get(place)
    assert "valid, by a trusted signer" in page
    assert "The centre" in page
    assert "does not start here" not in page


def test_a_playbook_that_was_changed_says_so_and_that_it_does_not_start(strict: Office) -> None:
    office, number = strict, strict.open("CERT")
    office.do(lambda: signers.add_signer("The centre", public_pem(), None, None, BY, office.hand.at))
    place = add(office, SIGNED | {"name": "Look!"})
    page = office.browser("coordinator").get(place)
    assert "on “Look!” is not valid: the content was changed after signing" in page
    assert "does not start here" in page
    answer = office.browser("coordinator").post(f"/incidents/{number}/runs", playbook=LOOK["id"])
    assert "/runs/new" in answer.location
    assert "changed after signing" in office.browser("coordinator").get(answer.location)
    office.browser("coordinator").post(f"/incidents/{number}/runs", status=422, playbook=LOOK["id"], seen="1")


def test_a_playbook_without_signature_says_so_where_one_is_needed(strict: Office) -> None:
    place = add(strict, LOOK)
    assert "This playbook is not signed." in strict.browser("reader").get(place)


def test_an_incident_says_which_playbook_did_not_start_and_why(strict: Office) -> None:
    add(strict, LOOK)
    book = read_rules({"rules": [{"when": {}, "set": {"departments": ["CERT"], "playbook": LOOK["id"]}}]})
    at = strict.hand.at

    def happen() -> str:
        departments.put_rules(book, None, BY, at)
        return incidents.open_incident(
            NewIncident(title="Scan"), BY, at, strict.app.extensions["incident"].settings.zone
        ).number

    page = strict.browser("responder").get(f"/incidents/{strict.do(happen)}")
    assert page.count("Playbook “Look” did not start: The playbook") == 2
