"""The page of grading: questions, the grade that builds up, the decision and its second person."""

import re

from tests.web.office import Office


def test_answers_build_up_the_grade_and_only_saving_keeps_them(office: Office) -> None:
    number = office.open("CERT")
    browser = office.browser("responder")
    assert f'href="/incidents/{number}/grading"' in browser.get(f"/incidents/{number}")
    page = browser.get(f"/incidents/{number}/grading")
    assert "No higher grade is proved; I Critical is possible" in page
    fields = {"number-cii_down_minutes": "35", "choice-portal_level": "none"}
    preview = browser.post(f"/incidents/{number}/grading", status=200, step="preview", **fields).text
    assert "At least III Moderate; I Critical is possible" in preview
    assert 'value="35"' in preview
    assert "No higher grade is proved" in browser.get(f"/incidents/{number}/grading")
    browser.post(f"/incidents/{number}/grading", evidence="monitoring", **fields)
    page = browser.get(f"/incidents/{number}/grading")
    assert "Critical infrastructure down as a whole for 30 minutes or longer" in page
    assert "check the original text" in page
    assert "II Major</strong> from" in page
    journal = browser.get(f"/incidents/{number}")
    assert "Questions about the grade answered" in journal


def test_what_was_typed_stays_beside_its_fault_and_nothing_is_saved(office: Office) -> None:
    number = office.open("CERT")
    browser = office.browser("responder")
    fields = {"number-views": "many", "number-reposts": "1,200"}
    page = browser.post(f"/incidents/{number}/grading", status=422, **fields).text
    assert 'id="field-number-views-fault"' in page
    assert 'value="many"' in page
    assert 'value="1,200"' in page
    assert "No higher grade is proved" in browser.get(f"/incidents/{number}/grading")
    browser.post(f"/incidents/{number}/grading", **fields | {"number-views": ""})
    assert "Content reposted 1,000 times or more" in browser.get(f"/incidents/{number}/grading")


def test_what_is_sent_unchanged_is_no_new_answer(office: Office) -> None:
    number = office.open("CERT")
    browser = office.browser("responder")
    browser.post(f"/incidents/{number}/grading", **{"number-cii_down_minutes": "35"})
    office.hand.forward(minutes=60)
    page = browser.get(f"/incidents/{number}/grading")
    assert 'name="number-cii_down_minutes" value="95"' in page
    same = {"number-cii_down_minutes": "95", "was-cii_down_minutes": "95", "number-views": "1"}
    browser.post(f"/incidents/{number}/grading", **same)
    office.hand.forward(minutes=25)
    assert "Critical infrastructure down as a whole for 2 hours or longer" in browser.get(
        f"/incidents/{number}/grading"
    )
    over = {"number-cii_down_minutes": "100", "was-cii_down_minutes": "120", "ended-cii_down_minutes": "1"}
    browser.post(f"/incidents/{number}/grading", **over)
    office.hand.forward(minutes=100)
    assert "At least III Moderate" in browser.get(f"/incidents/{number}/grading")


def form_of(page: str) -> dict[str, str]:
    """The fields of the answers as a browser would send them."""
    form = page.partition('id="answers"')[2].partition("</form>")[0]
    tags = [tag.partition(">")[0] for tag in form.split("<input")[1:]]
    inputs = [dict(re.findall(r'(\w+)="([^"]*)"', tag)) | {"on": "checked" in tag} for tag in tags]
    return {one["name"]: one["value"] for one in inputs if one.get("type") not in {"radio", "checkbox"} or one["on"]}


def test_an_answer_that_somebody_else_gave_meanwhile_is_kept(office: Office) -> None:
    number = office.open("CERT")
    path, one, other = f"/incidents/{number}/grading", office.browser("responder"), office.browser("coordinator")
    one.post(path, **{"number-cii_down_minutes": "35", "ended-cii_down_minutes": "1"})
    before = form_of(one.get(path))
    other.post(path, **form_of(other.get(path)) | {"number-cii_down_minutes": "60"})
    refused = one.post(path, 422, **before | {"number-views": "many"}).text
    one.post(path, **form_of(refused) | {"number-views": "1"})
    assert 'name="number-cii_down_minutes" value="60"' in one.get(path)
    one.post(path, **before | {"number-reposts": "1"})
    assert 'name="number-cii_down_minutes" value="60"' in one.get(path)


def test_what_was_said_to_be_over_goes_on_when_that_is_taken_back(office: Office) -> None:
    number, browser = office.open("CERT"), office.browser("responder")
    path = f"/incidents/{number}/grading"
    browser.post(path, **{"number-cii_down_minutes": "35", "ended-cii_down_minutes": "1"})
    refused = browser.post(f"{path}/decide", 422, grade="1").text
    assert form_of(refused)["ended-cii_down_minutes"] == "1"
    given = form_of(browser.get(path))
    del given["ended-cii_down_minutes"]
    browser.post(path, **given)
    office.hand.forward(minutes=10)
    assert 'name="number-cii_down_minutes" value="45"' in browser.get(path)


def test_a_lower_grade_is_confirmed_by_somebody_else_and_both_see_why(office: Office) -> None:
    number = office.open("CERT")
    one, other = office.browser("responder"), office.browser("coordinator")
    one.post(f"/incidents/{number}/grading", **{"number-persons_leaked": "10000000"})
    refused = one.post(f"/incidents/{number}/grading/decide", status=422, grade="3").text
    assert 'id="field-reason-fault"' in refused
    one.post(f"/incidents/{number}/grading/decide", grade="3", reason="Most are test records.")
    mine, theirs = one.get(f"/incidents/{number}/grading"), other.get(f"/incidents/{number}/grading")
    assert "Most are test records." in mine
    assert "You proposed it yourself" in mine
    assert "/confirm" not in mine
    assert "Confirm the lower grade" in theirs
    path = theirs.split('action="/gradings/')[1].split('"')[0]
    one.post(f"/gradings/{path}", status=409)
    other.post(f"/gradings/{path}")
    assert "in force" in one.get(f"/incidents/{number}/grading")
    page, report = one.get(f"/incidents/{number}"), one.get(f"/incidents/{number}/report")
    for words in ("Lower grade proposed: III Moderate. A second person must confirm it", "Grade decided: III Moderate"):
        assert words in page
        assert words in report.partition("Decisions")[2].partition("</table>")[0]


def test_who_may_be_the_second_person_finds_the_lower_grade_in_the_inbox(office: Office) -> None:
    number = office.open("CERT")
    red = office.open("CERT", tlp="red")
    proposer, second, department = (office.browser(role) for role in ("coordinator", "responder", "department"))
    for one in (number, red):
        proposer.post(f"/incidents/{one}/grading", **{"number-persons_leaked": "10000000"})
        proposer.post(f"/incidents/{one}/grading/decide", grade="3", reason="Most are test records.")
    inbox = second.get("/inbox")
    found = inbox.partition('id="proposals"')[2].partition("</section>")[0]
    assert f"/incidents/{number}/grading" in found
    assert red not in found
    assert "Most are test records." in found
    for browser in (proposer, department, office.browser("reader")):
        assert 'id="proposals"' not in browser.get("/inbox")
    decision = found.split('id="grade-')[1].split('"')[0]
    second.post(f"/gradings/{decision}/confirm")
    assert 'id="proposals"' not in second.get("/inbox")


def test_an_ordinary_grade_that_excludes_nothing_is_reviewed_after_a_day_and_at_each_answer(office: Office) -> None:
    number, browser = office.open("CERT"), office.browser("responder")
    path = f"/incidents/{number}/grading"
    browser.post(f"{path}/decide", grade="4", reason="a small one")
    page = browser.get(path)
    assert "while a higher grade is possible" in page
    assert "review due in" in page
    assert "a review is due at" in browser.get(f"/incidents/{number}")
    assert 'id="reviews"' not in browser.get("/inbox")
    browser.post(path, **{"number-views": "1"})
    inbox = browser.get("/inbox").partition('id="reviews"')[2].partition("</section>")[0]
    assert path in inbox
    assert "a small one" in inbox
    decision = browser.get(path).split('action="/gradings/')[1].split("/")[0]
    of = f"review-grade-{decision}"
    assert f'id="{of}-fault"' in browser.post(f"/gradings/{decision}/review", status=422, form=of, reason="").text
    browser.post(f"/gradings/{decision}/review", form=of, reason="few views")
    assert "reviewed by Person responder" in browser.get(path)
    assert 'id="reviews"' not in browser.get("/inbox")


def test_a_reader_sees_the_grading_and_has_no_form(office: Office) -> None:
    number = office.open("CERT")
    page = office.browser("reader").get(f"/incidents/{number}/grading")
    assert "What the answers prove" in page
    assert "Save the answers" not in page
    assert 'id="decide"' not in page
    zh = office.browser("reader", "zh_Hans_CN").get(f"/incidents/{number}/grading")
    assert "关键信息基础设施整体中断运行多长时间？" in zh


def test_a_lower_grade_is_declined_and_the_list_of_decisions_says_why(office: Office) -> None:
    number = office.open("CERT")
    one, other = office.browser("responder"), office.browser("coordinator")
    one.post(f"/incidents/{number}/grading", **{"number-persons_leaked": "10000000"})
    one.post(f"/incidents/{number}/grading/decide", grade="3", reason="Most are test records.")
    page = other.get(f"/incidents/{number}/grading")
    [path] = re.findall(r'action="(/gradings/\d+/decline)"', page)
    form = f"decline-grade-{path.split('/')[2]}"
    assert f'id="{form}-fault"' in other.post(path, status=422, form=form, decline_reason=" ").text
    other.post(path, form=form, decline_reason="They are real.")
    page = one.get(f"/incidents/{number}/grading")
    assert "declined it: They are real." in page
    assert "/confirm" not in page
