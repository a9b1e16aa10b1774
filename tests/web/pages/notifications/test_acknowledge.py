"""The acknowledge link of a message: opening changes nothing, the button counts once, a stale link says so."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from incident.actions.incidents import incidents
from incident.store.notifications.notice_events import notice_events_of
from incident.web.pages.notifications import acknowledge
from tests.web.office import BY, Office


@pytest.fixture
def number(office: Office) -> str:
    """The number of an incident with a notice to CERT."""
    return office.open("CERT", grade=2, category="MPRANS")


def test_looking_shows_the_facts_and_buttons_and_moves_nothing_but_is_noted_once(office: Office, number: str) -> None:
    before = office.do(journal_length)
    page = office.browser().get(office.link(number))
    assert "Ransomware in accounting" in page
    assert "Emergency response" in page
    assert "Acknowledge</button>" in page
    assert "Accept the work</button>" in page
    office.browser().get(office.link(number))
    assert office.state_of(number, "CERT") == "open"
    assert office.do(journal_length) == before + 1
    assert office.do(lambda: last_entry(number)[0]) == "message.opened"
    [fact] = facts(office, number)
    assert (fact.kind, fact.via, fact.contact_id) == ("opened", "link", 1)
    assert fact.evidence == {"agent": fact.evidence["agent"], "address": "127.0.0.1"}


def test_a_page_is_shown_also_when_it_cannot_be_noted_that_it_was(
    office: Office, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_away(*_given: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(acknowledge, "note_opened", is_away)
    assert "Acknowledge</button>" in office.browser().get(office.link(number))
    assert facts(office, number) == []


def test_two_programs_that_open_a_link_at_once_leave_one_fact(office: Office, number: str) -> None:
    path = office.link(number)

    def fetch() -> int:
        return office.app.test_client().get(path).status_code

    with ThreadPoolExecutor(4) as pool:
        assert {one.result() for one in [pool.submit(fetch) for _ in range(4)]} == {200}
    assert [fact.kind for fact in facts(office, number)] == ["opened"]


def test_the_work_is_accepted_by_link(office: Office, number: str) -> None:
    answer = office.app.test_client().post(f"{office.link(number)}/accept")
    assert (answer.status_code, "Accepted. No further level will be notified." in answer.text) == (200, True)
    assert office.state_of(number, "CERT") == "accepted"
    again = office.app.test_client().post(f"{office.link(number)}/accept")
    assert (again.status_code, "The department has accepted the work." in again.text) == (200, True)
    assert [fact.kind for fact in facts(office, number)] == ["accepted"]


def test_declining_by_link_needs_a_reason_and_keeps_what_was_typed(office: Office, number: str) -> None:
    path = f"{office.link(number)}/decline"
    empty = office.app.test_client().post(path)
    assert (empty.status_code, "Enter a reason" in empty.text) == (422, True)
    assert 'id="fault"' not in empty.text, "it is said once, without the list of a form"
    long = office.app.test_client().post(path, data={"reason": "ours? " * 500})
    assert (long.status_code, "ours? ours?" in long.text) == (422, True)
    assert office.state_of(number, "CERT") == "open"
    done = office.app.test_client().post(path, data={"reason": "Not our <network>"})
    assert (done.status_code, "Declined. The coordinator will be notified." in done.text) == (200, True)
    assert "Not our &lt;network&gt;" in done.text
    assert office.state_of(number, "CERT") == "declined"


def test_after_a_decline_the_link_offers_to_accept_and_no_acknowledgement_counts(office: Office, number: str) -> None:
    path = office.link(number)
    office.app.test_client().post(f"{path}/decline", data={"reason": "Not ours"})
    page = office.browser().get(path)
    assert "Acknowledge</button>" not in page
    assert "Accept the work</button>" in page
    assert office.app.test_client().post(path).status_code == 409
    assert office.state_of(number, "CERT") == "declined"
    assert office.app.test_client().post(f"{path}/accept").status_code == 200


def test_of_tlp_red_a_reason_is_not_shown_to_who_has_not_signed_in(office: Office) -> None:
    number = office.open("CERT", tlp="red")
    path = office.link(number)
    office.app.test_client().post(f"{path}/decline", data={"reason": "the hospital"})
    assert "the hospital" not in office.browser().get(path)


@pytest.mark.parametrize("said", ["", "/accept", "/decline"])
def test_no_answer_by_a_forged_link_counts(office: Office, number: str, said: str) -> None:
    path = office.link(number)
    forged = path[:-4] + ("AAAA" if not path.endswith("AAAA") else "BBBB")
    assert office.app.test_client().post(f"{forged}{said}", data={"reason": "x"}).status_code == 404
    assert (office.state_of(number, "CERT"), facts(office, number)) == ("open", [])


def test_a_head_request_changes_nothing_either(office: Office, number: str) -> None:
    assert office.browser().client.head(office.link(number)).status_code == 200
    assert (office.state_of(number, "CERT"), facts(office, number)) == ("open", [])


def test_an_empty_post_without_cookie_and_origin_acknowledges(office: Office, number: str) -> None:
    answer = office.app.test_client().post(office.link(number))
    assert (answer.status_code, "Acknowledged. No further level will be notified." in answer.text) == (200, True)
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
    assert "This has already been acknowledged." in again.text
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
    assert (answer.status_code, "This link is from an older message." in answer.text) == (409, True)
    assert office.state_of(number, "CERT") == "open"
    assert office.app.test_client().post(office.link(number, place=1)).status_code == 200


def test_a_link_expires_seven_days_after_its_message(office: Office, number: str) -> None:
    path = office.link(number)
    office.hand.forward(days=7)
    assert "This link has expired." in office.browser().get(path, status=410)
    for said in ("", "/accept", "/decline"):
        assert office.app.test_client().post(f"{path}{said}", data={"reason": "x"}).status_code == 410
    assert (office.state_of(number, "CERT"), facts(office, number)) == ("open", [])


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


def facts(office: Office, number: str) -> list[Any]:
    return office.do(lambda: list(notice_events_of([office.notice(number, "CERT")])))


def journal_length() -> int:
    from incident.store.journal import journal

    head = journal.head()
    return head.count if head else 0


def last_entry(number: str) -> tuple[str, str, int]:
    from incident.store.journal import journal

    entry = journal.latest_entries_of(number, 1)[0]
    return entry.event_type, entry.actor, entry.seq
