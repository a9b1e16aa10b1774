"""What waits is counted in the frame of every page, also right after it began to wait."""

import re

from incident.actions.directory.departments import put_policy
from incident.core.notifications.policy import Policy
from incident.store.db.database import db
from incident.store.directory.departments import Department, department_by_code
from incident.store.directory.people import person_by_login
from tests.web.office import BY, Browser, Office


def waiting(browser: Browser) -> int:
    """The number beside the inbox."""
    found = re.search(r'Inbox <span class="badge-count">(\d+)', browser.get("/systems"))
    return int(found[1]) if found else 0


def test_a_notice_that_reaches_the_department_above_is_counted_at_once(office: Office) -> None:
    def tell_the_one_above() -> None:
        noc = department_by_code("NOC")
        assert isinstance(noc, Department)
        policy = Policy.from_json({"levels": [{"wait": "PT5M", "notify": ["parent"]}]})
        put_policy(noc.id, policy, None, BY, office.hand.at)

    def place_responder() -> None:
        cert, person = department_by_code("CERT"), person_by_login("responder")
        assert isinstance(cert, Department)
        assert person is not None
        person.department_id = cert.id
        db.session.commit()

    responder = office.browser("responder")
    office.do(tell_the_one_above)
    office.do(place_responder)
    before = waiting(responder)
    office.open("NOC")
    assert waiting(responder) == before + 1
    office.open("NOC")
    assert waiting(responder) == before + 2
