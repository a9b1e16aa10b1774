"""The link in a test message: opening changes nothing, the button confirms, other tokens are refused."""

import re

from incident.actions.delivery import contacts
from incident.store.db.database import db
from incident.store.directory.departments import Contact
from incident.web.instance import KEY
from tests.web.office import Office


def link(office: Office) -> str:
    post = office.app.extensions[KEY].post
    text = office.do(lambda: contacts.write_test(1, "msg_x", post, office.hand.at).text)
    found = re.search(r"/reached/\S+", text)
    assert found is not None
    return found[0]


def confirmed(office: Office) -> bool:
    return office.do(lambda: db.session.get_one(Contact, 1).confirmed_at == office.hand.at)


def test_looking_confirms_nothing_and_the_button_does(office: Office) -> None:
    stranger, address = office.browser(), link(office)
    assert "I received this</button>" in stranger.get(address)
    assert not confirmed(office)
    assert "We have recorded" in stranger.client.post(address).text
    assert confirmed(office)


def test_a_link_that_is_forged_or_a_week_old_confirms_nothing(office: Office) -> None:
    stranger, address = office.browser(), link(office)
    stranger.get(address.replace("/1.", "/2.", 1), status=404)
    stranger.get("/reached/x", status=404)
    office.hand.forward(days=7)
    assert stranger.client.post(address).status_code == 410
    assert not confirmed(office)
