"""Dead letters in the API and on their page: found by their subject, and sent again."""

from incident.actions.delivery import deliver
from incident.core.notifications.message import DeliveryError
from incident.web.instance import KEY
from tests.plugins.app import speaking
from tests.web.office import Office

NO = DeliveryError("550 no such user", permanent=True)


def refuse(office: Office) -> str:
    """Open an incident whose one message is refused, and return its number."""
    number = office.open("CERT")
    post = office.app.extensions[KEY].post

    def send() -> None:
        begun = deliver.claim_due(office.hand.at, 5, [], post)
        deliver.record_results(
            [deliver.DeliveryResult(one.delivery_ids, NO, 0, office.hand.at) for one in begun], office.hand.at
        )

    office.do(send)
    return number


def test_a_dead_letter_is_listed_with_its_fault_and_sent_again_with_a_button(office: Office) -> None:
    number = refuse(office)
    browser = office.browser("coordinator")
    page = browser.get(f"/dead-letters?incident={number}&department=CERT&channel=email&state=refused")
    assert "550 no such user" in page
    assert number in page
    assert "No undelivered messages" in browser.get("/dead-letters?state=given_up")
    assert "not delivered: 1" in browser.get("/health")
    browser.post("/dead-letters/1/resend")
    assert "No undelivered messages" in browser.get("/dead-letters")
    assert office.messages(number)[0].state == "pending"
    assert "sent again manually" in browser.get(f"/incidents/{number}")


def test_the_api_lists_dead_letters_and_sends_them_again(office: Office) -> None:
    first, second = refuse(office), refuse(office)
    speaker = speaking(office.app)("coordinator")
    listed = speaker.seen("/dead-letters?limit=1")
    assert [item["incident"] for item in listed["items"]] == [second]
    assert [item["incident"] for item in speaker.seen(f"/dead-letters?cursor={listed['next']}")["items"]] == [first]
    [one] = speaker.seen(f"/dead-letters?incident={first}")["items"]
    assert (one["department"], one["contact"]["name"], one["state"]) == ("CERT", "Duty", "refused")
    assert speaker.seen("/dead-letters?incident=INC-2026-999999")["items"] == []
    assert speaker.done(f"/dead-letters/{one['id']}/resend")["state"] == "pending"
    assert speaker.post(f"/dead-letters/{one['id']}/resend").status_code == 409
