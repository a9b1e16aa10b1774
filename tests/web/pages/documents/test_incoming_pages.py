"""Pages of incoming papers: the form, the handling, the inbox."""

from tests.web.api.deadlines.test_decisions import person
from tests.web.api.documents.test_incoming import came
from tests.web.office import Office
from tests.web.pages.documents.test_document_pages import words


def test_a_paper_is_registered_once_handled_and_waits_in_the_inbox_of_who_decides_and_reads(office: Office) -> None:
    duty, boss = office.browser("responder"), office.browser("coordinator")
    number = office.open("CERT")
    place = f"/incidents/{number}/incoming-papers"
    given = {"title": "关于整改的函", "sender": "Y公司", "kind": "letter", "once": "t"}
    refused = duty.post(place, 422, **given)
    assert "关于整改的函" in refused.text
    at = office.hand.at.strftime("%Y-%m-%d %H:%M+00:00")
    for _ in range(2):
        answer = duty.post(place, **given, received_at=at, due_at="2026-12-01 08:30+00:00")
    paper = str(answer.location).partition("?")[0]
    assert paper == "/incoming-papers/1"
    assert words(duty.get(f"/incidents/{number}/documents")).count("收〔2026〕1号") == 1
    assert "收〔2026〕1号" in words(duty.get("/incoming-papers?due=1"))
    duty.post(f"{paper}/propose", proposal="拟请处置组办理", version="1")
    assert "关于整改的函" in words(boss.get("/inbox"))
    boss.post(f"{paper}/instruct", instruction="同意", version="2")
    assert "关于整改的函" not in words(boss.get("/inbox"))
    duty.post(f"{paper}/circulate", 422)
    duty.post(f"{paper}/circulate", people="coordinator")
    assert "You were asked to read this paper." in words(boss.get(paper))
    boss.post(f"{paper}/read")
    assert "关于整改的函" not in words(boss.get("/inbox"))
    stale = duty.post(f"{paper}/finish", 412, outcome="已复函", version="1")
    assert "已复函" in stale.text
    duty.post(f"{paper}/finish", outcome="已复函", version="4")
    page = words(duty.get(paper))
    assert "handled" in page
    assert "Propose the handling" not in page


def test_a_reader_sees_the_paper_in_chinese_and_no_form(office: Office) -> None:
    paper = came(office, person(office, "responder"))
    page = office.browser("reader", "zh_Hans_CN").get(f"/incoming-papers/{paper['id']}")
    assert "传阅" in page
    assert "/propose" not in page
    assert "/circulate" not in page


def test_a_paper_is_given_to_a_department_and_its_entry_corrected_on_the_timeline(office: Office) -> None:
    duty = office.browser("responder")
    paper = came(office, person(office, "responder"), title="关于整改的函")
    place = f"/incoming-papers/{paper['id']}"
    duty.post(f"{place}/propose", proposal="拟请办理", department="CERT", version="1")
    assert "Given to the department" in words(duty.get(place))
    typed = {"title": "关于整改的函", "sender": "Z公司", "received_at": "2026-11-20 08:30", "version": "2"}
    refusal = duty.post(f"{place}/correct", 422, **typed)
    assert "Z公司" in refusal.text
    duty.post(f"{place}/correct", **typed, reason="单位名称有误")
    assert "Z公司" in words(duty.get(place))
    timeline = words(duty.get(f"/incidents/{paper['incident']}"))
    assert "Sent by unit: Y公司 → Z公司" in timeline
    assert "单位名称有误" in timeline
    assert "更正理由" in office.browser("coordinator", "zh_Hans_CN").get(f"{place}/correct")
