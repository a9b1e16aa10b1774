"""Pages of the service of documents: the form, its faults, the list of those that are not served."""

from incident.store.db.database import db
from incident.store.documents.documents import OfficialDocument
from tests.web.api.documents.test_service_attempts import sealed
from tests.web.office import Office
from tests.web.pages.documents.test_document_pages import words


def moment(office: Office) -> str:
    """The present time as people type it."""
    return office.hand.at.strftime("%Y-%m-%d %H:%M+00:00")


def test_a_bounced_serving_is_seen_by_its_age_until_the_next_one_succeeds(office: Office) -> None:
    done, duty = sealed(office), office.browser("responder")
    place = f"/documents/{done['id']}"
    given = {"to": "Y公司", "at": moment(office), "way": "post", "version": str(duty_version(office, done["id"]))}
    refused = duty.post(f"{place}/service", 422, form="service", **given, outcome="not_served", place="X路1号")
    assert "Say why it was not served." in words(refused.text)
    assert "X路1号" in refused.text
    duty.post(f"{place}/service", form="service", **given, outcome="not_served", reason="nobody there")
    page = words(duty.get("/documents/unserved"))
    assert done["number"] in page
    assert "未送达公文" in words(office.browser("responder", "zh_Hans_CN").get("/documents/unserved"))
    given["version"] = str(duty_version(office, done["id"]))
    sent = given | {"outcome": "served", "way": "in_person", "form": "service", "once": "t1", "term_days": "15"}
    for _ in range(2):
        duty.post(f"{place}/service", **sent)
    page = words(duty.get(place))
    assert page.count("nobody there") == 1
    assert page.count("Must act by") == 1
    page = words(duty.get("/documents/unserved"))
    assert "Every document that must be served is served." in page
    assert "Terms that run after service Y公司" in page
    receipt = duty.post("/document-services/2/receipt").location
    assert "送达回证" in words(duty.get(str(receipt)))
    assert "Document served: X网信〔2026〕1号" in words(office.browser("coordinator").get("/journal"))


def duty_version(office: Office, document_id: int) -> int:
    """The present version of a document."""
    return office.do(lambda: db.session.get_one(OfficialDocument, document_id).version)


def test_a_reader_sees_the_service_and_no_form(office: Office) -> None:
    done = sealed(office)
    page = office.browser("reader").get(f"/documents/{done['id']}")
    assert "Record service" not in page
    assert "Record service" in office.browser("responder").get(f"/documents/{done['id']}")
