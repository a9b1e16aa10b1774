"""What the duty officer sees of urgent reports, after signing in and by the link of a message."""

from functools import partial

from incident.actions.notifications.acknowledge_links import acknowledge_token
from incident.actions.reports import reports
from incident.core.reports.urgent import UrgentPaging
from incident.store.db.database import db
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.web.instance import KEY
from tests.web.office import Office

TEXT = "My son writes that he will jump"


def urgent(office: Office, text: str = TEXT) -> int:
    """Receive an urgent report; return the notice by which CERT was paged."""
    new = reports.NewReport(text=text, emergency="danger")
    submit = partial(reports.submit_report, new, text, office.hand.at, paging=UrgentPaging("CERT"))
    found = office.do(lambda: submit().urgent_notice_id)
    assert found is not None
    return found


def link(office: Office) -> str:
    webhook_id = office.do(lambda: db.session.scalars(db.select(Message.webhook_id)).all())[0]
    return f"/acknowledge/{acknowledge_token(office.app.extensions[KEY].ring, webhook_id)}"


def state(office: Office, notice_id: int) -> str:
    return office.do(lambda: db.session.get_one(Notice, notice_id).state)


def test_the_duty_officer_finds_the_reports_in_the_inbox_and_acknowledges_them_together(office: Office) -> None:
    notice_id = urgent(office)
    assert urgent(office, "Money was sent to a false bank") == notice_id
    browser = office.browser("responder")
    inbox = browser.get("/inbox")
    assert f'href="/urgent-reports/{notice_id}"' in inbox
    assert "2 urgent reports" in inbox
    page = browser.get(f"/urgent-reports/{notice_id}")
    assert TEXT in page
    assert "Money was sent to a false bank" in page
    answer = browser.post(f"/notices/{notice_id}/acknowledge")
    assert answer.location.startswith(f"/urgent-reports/{notice_id}")
    assert state(office, notice_id) == "acknowledged"
    browser.post(f"/notices/{notice_id}/done")
    assert "Urgent reports" not in browser.get("/inbox")


def test_a_refusal_to_answer_is_shown_on_the_same_page(office: Office) -> None:
    notice_id = urgent(office)
    page = office.browser("responder").post(f"/notices/{notice_id}/decline", 422, notice=notice_id, reason=" ").text
    assert "Urgent reports" in page
    assert state(office, notice_id) == "open"


def test_a_coordinator_withdraws_the_page_with_a_reason(office: Office) -> None:
    notice_id = urgent(office)
    office.browser("coordinator").post(f"/notices/{notice_id}/withdraw", reason="a test call")
    assert state(office, notice_id) == "withdrawn"


def test_the_link_of_the_message_shows_nothing_of_the_report_and_acknowledges(office: Office) -> None:
    notice_id = urgent(office)
    page = office.browser().get(link(office))
    assert "Urgent report from the public" in page
    assert "jump" not in page
    assert f'href="/urgent-reports/{notice_id}"' in page
    office.browser().client.post(link(office))
    assert state(office, notice_id) == "acknowledged"


def test_who_may_not_read_reports_does_not_find_the_notice_anywhere(office: Office) -> None:
    notice_id = urgent(office)
    for role in ("department", "reader"):
        browser = office.browser(role)
        assert "urgent" not in browser.get("/inbox").lower()
        browser.get(f"/urgent-reports/{notice_id}", 403)
        browser.post(f"/notices/{notice_id}/acknowledge", 403 if role == "reader" else 404)
    assert state(office, notice_id) == "open"


def test_a_notice_of_an_incident_has_no_page_of_urgent_reports(office: Office) -> None:
    notice_id = office.notice(office.open("CERT"), "CERT")
    office.browser("administrator").get(f"/urgent-reports/{notice_id}", 404)


def test_the_pages_speak_chinese(office: Office) -> None:
    notice_id = urgent(office)
    browser = office.browser("responder", "zh_Hans_CN")
    for path in ("/inbox", f"/urgent-reports/{notice_id}"):
        page = browser.get(path)
        assert "紧急举报" in page
        assert "urgent report" not in page.lower().replace("urgent-reports", "")


def test_a_message_that_could_not_be_delivered_is_found_and_sent_again(office: Office) -> None:
    notice_id = urgent(office)

    def refuse() -> None:
        for row in db.session.scalars(db.select(Message)):
            row.state, row.ended_at = "refused", office.hand.at
        db.session.commit()

    office.do(refuse)
    browser = office.browser("coordinator")
    page = browser.get("/dead-letters")
    assert f'href="/urgent-reports/{notice_id}"' in page
    browser.post("/dead-letters/1/resend")
    assert f'href="/urgent-reports/{notice_id}"' not in browser.get("/dead-letters")
