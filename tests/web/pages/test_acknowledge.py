"""The acknowledge link of a message: looking changes nothing, the button counts once, and a stale link says so."""

import pytest

from incident.actions import incidents
from tests.web.office import BY, Office


@pytest.fixture
def number(office: Office) -> str:
    """The number of an incident that CERT was told of."""
    return office.open("CERT", grade=2, category="MPRANS")


def test_looking_shows_the_facts_and_a_button_and_changes_nothing(office: Office, number: str) -> None:
    before = office.do(journal_length)
    page = office.browser().get(office.link(number))
    assert "Ransomware in accounting" in page
    assert "Emergency response" in page
    assert "Acknowledge</button>" in page
    assert office.state_of(number, "CERT") == "open"
    assert office.do(journal_length) == before


def test_a_head_request_changes_nothing_either(office: Office, number: str) -> None:
    assert office.browser().client.head(office.link(number)).status_code == 200
    assert office.state_of(number, "CERT") == "open"


def test_an_empty_post_without_cookie_and_origin_acknowledges(office: Office, number: str) -> None:
    answer = office.app.test_client().post(office.link(number))
    assert (answer.status_code, "Acknowledged. No further level will be told." in answer.text) == (200, True)
    assert office.state_of(number, "CERT") == "acknowledged"
    actor = office.do(lambda: last_entry(number)[1])
    assert actor == f"link:{office.messages(number)[0].webhook_id}:Duty"


def test_a_post_from_another_site_by_somebody_signed_in_acknowledges_all_the_same(office: Office, number: str) -> None:
    browser = office.browser("reader")
    answer = browser.client.post(office.link(number), headers={"Origin": "null", "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200


def test_a_second_acknowledgement_says_that_there_was_one(office: Office, number: str) -> None:
    path = office.link(number)
    office.app.test_client().post(path)
    office.hand.forward(minutes=1)
    entry = office.do(lambda: last_entry(number))
    again = office.app.test_client().post(path)
    assert "This has been acknowledged already." in again.text
    assert office.do(lambda: last_entry(number)) == entry
    assert "Acknowledge</button>" not in office.browser().get(path)


def test_a_withdrawn_notice_says_so_and_stays(office: Office, number: str) -> None:
    path = office.link(number)
    close(office, number)
    answer = office.app.test_client().post(path)
    assert (answer.status_code, "This notice was withdrawn." in answer.text) == (409, True)
    assert office.state_of(number, "CERT") == "withdrawn"


def test_a_link_from_before_the_incident_was_reopened_counts_for_nothing(office: Office, number: str) -> None:
    path = office.link(number)
    close(office, number)
    office.hand.forward(minutes=1)
    office.do(lambda: incidents.reopen_incident(office.incident(number).id, None, BY, office.hand.at))
    answer = office.app.test_client().post(path)
    assert (answer.status_code, "This link belongs to an older message." in answer.text) == (409, True)
    assert office.state_of(number, "CERT") == "open"
    assert office.app.test_client().post(office.link(number, place=1)).status_code == 200


def test_a_link_expires_seven_days_after_its_message(office: Office, number: str) -> None:
    path = office.link(number)
    office.hand.forward(days=7)
    assert "This link has expired." in office.browser().get(path, status=410)
    assert office.app.test_client().post(path).status_code == 410
    assert office.state_of(number, "CERT") == "open"


@pytest.mark.parametrize("token", ["x", "msg_1.1~AAAA", "msg_%00.x", "a" * 3000, "."])
def test_a_link_that_was_not_made_here_leads_to_nothing(office: Office, token: str) -> None:
    office.browser().get(f"/acknowledge/{token}", status=404)


def test_of_an_incident_of_tlp_red_nothing_but_the_number_is_shown(office: Office) -> None:
    number = office.open("CERT", tlp="red", grade=1, category="MPRANS", title="The secret matter")
    page = office.browser().get(office.link(number))
    assert "TLP:RED, sign in to read" in page
    for secret in ("The secret matter", "Ransomware", 'class="grade'):
        assert secret not in page


def test_the_page_leaves_no_trace_elsewhere_and_speaks_the_contacts_language(office: Office, number: str) -> None:
    answer = office.app.test_client().get(office.link(number), headers={"Accept-Language": "zh-CN"})
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert 'lang="en"' in answer.text


def close(office: Office, number: str) -> None:
    identity = office.incident(number).id
    office.do(lambda: incidents.close_incident(identity, None, None, None, BY, office.hand.at))


def journal_length() -> int:
    from incident.store import journal

    head = journal.head()
    return head.count if head else 0


def last_entry(number: str) -> tuple[str, str, int]:
    from incident.store import journal

    entry = journal.latest_entries_of(number, 1)[0]
    return entry.verb, entry.actor, entry.seq
