"""Pages of statutory clocks: the profile, awareness, the countdown, filings, and the list of all that run."""

import re

import pytest

from tests.web.office import Browser, Office

PROFILE = {"operator_class": "cii", "regions": "330000"}
AWARE = {"form": "aware", "who": "Li Wei", "how": "an alarm"}


@pytest.fixture
def number(office: Office) -> str:
    office.browser("administrator").post("/organization", **PROFILE)
    return office.open("CERT")


def aware(browser: Browser, number: str, at: str, **more: str) -> None:
    browser.post(f"/incidents/{number}/awareness", at=at, **AWARE | more)


def clock_ids(page: str) -> list[str]:
    return re.findall(r'id="clock-(\d+)"', page)


def test_without_a_profile_pages_say_that_nothing_runs_and_who_can_change_it(office: Office) -> None:
    number = office.open("CERT")
    page = office.browser("responder").get(f"/incidents/{number}/clocks")
    assert "An administrator must enter the profile" in page
    boss = office.browser("administrator")
    assert 'href="/organization"' in boss.get("/clocks")
    assert "Choose the kind of operator first" in boss.get("/organization")
    assert 'id="field-operator_class-fault"' in boss.post("/organization", status=422, regions="").text
    boss.post("/organization", **PROFILE, regimes="eu-nis2")
    page = boss.get("/organization")
    assert "within 1 hour" in page or "<strong>1 hour</strong>" in page
    chinese = office.browser("administrator", "zh_Hans_CN").get("/organization")
    assert "1小时" in chinese
    assert "duration-" not in chinese
    assert "Monday to Friday was counted" in page
    assert "check the original text" not in page.partition('id="regimes"')[2].partition("This is not legal")[0]
    reader = office.browser("reader")
    assert "Save" not in reader.get("/organization").partition('id="profile"')[2].partition("</form>")[0]
    reader.post("/organization", status=403, **PROFILE)


def test_the_countdown_starts_with_the_awareness_and_is_on_every_page(office: Office, number: str) -> None:
    browser = office.browser("responder")
    page = browser.get(f"/incidents/{number}")
    assert f'href="/incidents/{number}/clocks"' in page
    assert 'id="law-clock"' not in page
    assert "Nobody has recorded yet" in browser.get(f"/incidents/{number}/clocks")
    faulty = browser.post(f"/incidents/{number}/awareness", status=422, at="", form="aware", who="", how="").text
    assert 'id="aware-who-fault"' in faulty
    assert 'id="handled-at-fault"' not in faulty
    aware(browser, number, "2026-11-21 00:00")
    page = browser.get(f"/incidents/{number}/clocks")
    assert "First report" in page
    assert "The grade is not decided; I Critical is possible." in page
    assert "Police (Zhejiang 330000)" in page
    assert 'id="law-clock"' in browser.get(f"/incidents/{number}")
    assert number in browser.get("/clocks")
    assert "法定报送时限" in office.browser("responder", "zh_Hans_CN").get("/clocks")


def test_a_filing_is_recorded_in_few_fields_and_a_late_one_says_why(office: Office, number: str) -> None:
    browser = office.browser("responder")
    aware(browser, number, "2026-11-20 08:00")
    page = browser.get(f"/incidents/{number}/clocks")
    first = clock_ids(page)[0]
    filing = {"form": f"file-{first}", "channel": "phone", "at": "2026-11-20 12:00", "to": "12387"}
    refused = browser.post(f"/clocks/{first}/file", status=422, **filing).text
    assert f'id="late-code-{first}-fault"' in refused
    assert 'value="12387"' in refused
    browser.post(f"/clocks/{first}/file", **filing, late_code="approval_late", late="the head was not reached")
    page = browser.get(f"/incidents/{number}/clocks")
    assert "filed late" in page
    assert "not proved" in page
    assert "approval came late, the head was not reached" in page
    browser.post(f"/clocks/{first}/file", **filing | {"receipt_number": "R-7"}, late_code="other", late="see above")
    page = browser.get(f"/incidents/{number}/clocks")
    assert "receipt R-7" in page
    journal = browser.get(f"/incidents/{number}")
    assert "First report filed to 12387 at" in journal
    assert "Known since" in journal
    assert "First report filed late, due" in journal
    assert "not proved" not in page


def test_a_form_that_is_sent_twice_adds_one_event_and_one_filing(office: Office, number: str) -> None:
    office.browser("administrator").post("/organization", **PROFILE, regimes="kr-network")
    browser, page_of = office.browser("responder"), f"/incidents/{number}/clocks"
    aware(browser, number, "2026-11-21 00:00")

    def token(part: str) -> str:
        [found] = re.findall(r'name="once" value="([^"]+)"', part.partition("</form>")[0])
        return found

    event = {"form": "event", "kind": "fact_added", "at": "2026-11-21 00:00", "how": "a leak"}
    event["once"] = token(browser.get(page_of).partition('value="event"')[2])
    for _ in range(2):
        browser.post(f"/incidents/{number}/clock-events", **event)
    page = browser.get(page_of)
    assert page.count("<div>a leak</div>") == 1
    browser.post(f"/incidents/{number}/clock-events", **event | {"how": "another leak"})
    assert browser.get(page_of).count("leak</div>") == 2
    first = clock_ids(page)[0]
    filing = {"form": f"file-{first}", "channel": "phone", "at": "2026-11-21 00:00", "to": "12387"}
    filing["once"] = token(page.partition(f'value="file-{first}"')[2])
    for _ in range(2):
        browser.post(f"/clocks/{first}/file", **filing)
    assert browser.get(page_of).count("telephone, 12387") == 1


def test_a_clock_is_set_aside_with_a_reason_and_runs_again(office: Office, number: str) -> None:
    browser = office.browser("responder")
    aware(browser, number, "2026-11-21 00:00")
    first = clock_ids(browser.get(f"/incidents/{number}/clocks"))[0]
    aside = {"form": f"aside-{first}", "step": "suspend"}
    assert f'id="reason-{first}-fault"' in browser.post(f"/clocks/{first}/set-aside", status=422, **aside).text
    for step in ("", "stop"):
        unknown = browser.post(f"/clocks/{first}/set-aside", status=422, **aside | {"step": step}, reason="a try").text
        assert "Choose whether the clock is waived, is suspended or runs again." in unknown
    browser.post(f"/clocks/{first}/set-aside", **aside, reason="letter 7 grants a delay")
    page = browser.get(f"/incidents/{number}/clocks")
    assert "letter 7 grants a delay" in page
    browser.post(f"/clocks/{first}/set-aside", **aside | {"step": "resume"}, reason="over")
    assert "No deadline is running" not in browser.get(f"/incidents/{number}/clocks")


def test_a_later_awareness_is_confirmed_by_somebody_else(office: Office, number: str) -> None:
    one, other = office.browser("responder"), office.browser("coordinator")
    aware(one, number, "2026-11-20 08:00")
    aware(one, number, "2026-11-20 09:00", reason="the first alarm was about another system")
    page = one.get(f"/incidents/{number}/clocks")
    assert "somebody else must confirm it" in page
    [record] = re.findall(r'action="/awareness/(\d+)/confirm"', other.get(f"/incidents/{number}/clocks"))
    one.post(f"/awareness/{record}/confirm", status=409)
    other.post(f"/awareness/{record}/confirm")
    assert "the first alarm was about another system" not in other.get(f"/incidents/{number}/clocks")


def test_the_end_of_handling_and_other_events_start_their_clocks(office: Office, number: str) -> None:
    office.browser("administrator").post("/organization", **PROFILE, regimes="au-ransom")
    browser = office.browser("responder")
    aware(browser, number, "2026-11-20 08:00")
    page = browser.get(f"/incidents/{number}/clocks")
    assert "A ransom was paid" in page
    browser.post(f"/incidents/{number}/clock-events", form="event", kind="paid", at="2026-11-20 09:00", how="2 BTC")
    browser.post(f"/incidents/{number}/handled", form="handled", at="2026-11-20 10:00")
    page = browser.get(f"/incidents/{number}/clocks")
    assert "2 BTC" in page
    running = page.partition('id="running"')[2].partition('id="others"')[0]
    assert "Summary report" in running
    assert "by the rules of counting in time until" in running


def test_two_people_decide_that_a_law_asks_for_no_report_and_either_takes_it_back(office: Office, number: str) -> None:
    one, other = office.browser("responder"), office.browser("coordinator")
    path = f"/incidents/{number}/decisions/not-reportable"
    assert 'id="not-reportable"' not in one.get(f"/incidents/{number}/clocks")
    aware(one, number, "2026-11-20 08:00")
    refused = one.post(path, status=422, form="not-reportable", regime="", reason="").text
    assert 'id="not-reportable-regime-fault"' in refused
    assert 'id="not-reportable-reason-fault"' in refused
    one.post(path, form="not-reportable", regime="cn-cac-cii", reason="only a test system")
    page = one.get(f"/incidents/{number}/clocks")
    assert "somebody else must confirm it" in page
    assert "/confirm" not in page
    inbox = other.get("/inbox").partition('id="proposals"')[2].partition("</section>")[0]
    assert f"/incidents/{number}/clocks" in inbox
    assert "only a test system" in inbox
    [decision] = re.findall(r'action="/decisions/(\d+)/confirm"', other.get(f"/incidents/{number}/clocks"))
    one.post(f"/decisions/{decision}/confirm", status=409)
    other.post(f"/decisions/{decision}/confirm")
    page = other.get(f"/incidents/{number}/clocks")
    assert "No deadline is running" in page
    assert "decided that this law asks for no report" in page
    assert "must review it now" not in page
    journal = one.get(f"/incidents/{number}")
    assert "Proposed not to report by:" in journal
    assert "Decided not to report by:" in journal
    office.next_day()
    one, other = office.browser("responder"), office.browser("coordinator")
    assert "Decisions to review" in one.get("/inbox")
    assert "must review it now" in one.get(f"/incidents/{number}/clocks")
    of = f"review-not_reportable-{decision}"
    assert f'id="{of}-fault"' in one.post(f"/decisions/{decision}/review", status=422, form=of, reason="").text
    one.post(f"/decisions/{decision}/review", form=of, reason="nothing new")
    assert "Decisions to review" not in one.get("/inbox")
    assert "reviewed by Person responder" in one.get(f"/incidents/{number}/clocks")
    of = f"withdraw-{decision}"
    assert f'id="{of}-fault"' in one.post(f"/decisions/{decision}/withdraw", status=422, form=of, reason="").text
    one.post(f"/decisions/{decision}/withdraw", form=of, reason="it was no test system")
    assert "No deadline is running" not in one.get(f"/incidents/{number}/clocks")
    zh = office.browser("responder", "zh_Hans_CN").get(f"/incidents/{number}")
    assert "不予上报的决定已失效（已撤回）" in zh


def test_an_end_of_handling_that_is_put_later_is_confirmed_by_somebody_else(office: Office, number: str) -> None:
    one, other = office.browser("responder"), office.browser("coordinator")
    path = f"/incidents/{number}/handled"
    one.post(path, form="handled", at="2026-11-20 10:00")
    one.post(path, form="handled", at="", reason="it goes on")
    assert 'id="handled-reason-fault"' in one.post(path, status=422, form="handled", at="2026-11-20 12:00").text
    one.post(path, form="handled", at="2026-11-20 12:00", reason="one more host")
    assert "Person responder proposes a later end of handling" in one.get(f"/incidents/{number}/clocks")
    assert "proposes a later end of handling" in other.get("/inbox")
    [record] = re.findall(r'action="/handled/(\d+)/confirm"', other.get(f"/incidents/{number}/clocks"))
    other.post(f"/awareness/{record}/confirm", status=404)
    other.post(f"/handled/{record}/confirm")
    assert "proposes a later end of handling" not in one.get(f"/incidents/{number}/clocks")
    assert "A later end of handling is proposed" in one.get(f"/incidents/{number}")


def filed(browser: Browser, number: str, **more: str) -> tuple[str, str]:
    """File the first report; return the ids of its clock and of the filing."""
    first = clock_ids(browser.get(f"/incidents/{number}/clocks"))[0]
    given = {"form": f"file-{first}", "channel": "phone", "at": "2026-11-21 08:00", "to": "12387 desk 4"} | more
    browser.post(f"/clocks/{first}/file", **given)
    return first, re.findall(r'id="filing-(\d+)"', browser.get(f"/incidents/{number}/clocks"))[-1]


def test_a_filing_by_mistake_is_struck_out_by_two_people_and_the_deadline_runs_again(
    office: Office, number: str
) -> None:
    one, other = office.browser("responder"), office.browser("coordinator")
    aware(one, number, "2026-11-21 08:00")
    refused = one.post(
        f"/clocks/{clock_ids(one.get(f'/incidents/{number}/clocks'))[0]}/file",
        status=422,
        form=f"file-{clock_ids(one.get(f'/incidents/{number}/clocks'))[0]}",
        channel="phone",
        at="2001-01-01 00:00",
        to="12387",
    ).text
    assert "This is before the deadline began." in refused
    _, filing = filed(one, number)
    path, form = f"/filings/{filing}/revoke", f"revoke-{filing}"
    assert f'id="{form}-reason-fault"' in one.post(path, status=422, form=form, reason="").text
    one.post(path, form=form, reason="it was another incident")
    assert "wants to revoke it: it was another incident" in one.get(f"/incidents/{number}/clocks")
    assert "proposes to revoke the filing to 12387 desk 4" in other.get("/inbox")
    [row] = re.findall(r'action="/revocations/(\d+)/confirm"', other.get("/inbox"))
    one.post(f"/revocations/{row}/confirm", status=409)
    other.post(f"/revocations/{row}/confirm", **{"from": "inbox"})
    page = one.get(f"/incidents/{number}/clocks")
    assert "<del>Filed: telephone, 12387 desk 4" in page
    assert "Person responder and Person coordinator" in page
    assert "not proved" not in page
    assert "No deadline is running" not in page
    assert "revoked, proposed by Person responder" in one.get(f"/incidents/{number}")
    report = one.get(f"/incidents/{number}/clocks/report")
    assert "<del>telephone: 12387 desk 4</del>" in report
    assert "it was another incident" in report


def test_a_revocation_is_declined_and_a_returned_report_is_owed_again(office: Office, number: str) -> None:
    one, other = office.browser("responder"), office.browser("coordinator")
    aware(one, number, "2026-11-21 08:00")
    first, filing = filed(one, number)
    one.post(f"/filings/{filing}/revoke", form=f"revoke-{filing}", reason="the wrong desk")
    [row] = re.findall(r'action="/revocations/(\d+)/decline"', other.get("/inbox"))
    form = f"decline-filing_revocation-{row}"
    assert f'id="{form}-fault"' in other.post(f"/revocations/{row}/decline", status=422, form=form).text
    other.post(f"/revocations/{row}/decline", form=form, decline_reason="it was the right desk")
    assert "revocation of a filing. Reason: it was the right desk" in one.get(f"/incidents/{number}")
    back = f"return-{filing}"
    faulty = one.post(f"/filings/{filing}/return", status=422, form=back, at="2026-11-20 08:00", reason="item 3").text
    assert f'id="{back}-at-fault"' in faulty
    one.post(f"/filings/{filing}/return", form=back, at="2026-11-21 08:20", reason="item 3 is missing")
    page = one.get(f"/incidents/{number}/clocks")
    assert "The authority returned it at" in page
    assert "File it again." in page
    assert f"/clocks/{first}/file" in page
    assert "returned at" in one.get(f"/incidents/{number}")
    assert "退回补正" in office.browser("responder", "zh_Hans_CN").get(f"/incidents/{number}/clocks")


def test_a_wrong_event_is_corrected_or_withdrawn_by_two_people_and_stays_struck_out(
    office: Office, number: str
) -> None:
    office.browser("administrator").post("/organization", **PROFILE, regimes="us-sec-8k")
    one, other = office.browser("responder"), office.browser("coordinator")
    aware(one, number, "2026-11-20 08:00")
    page_of = f"/incidents/{number}/clocks"
    one.post(f"/incidents/{number}/clock-events", form="event", kind="material", at="2016-03-01 09:00", how="minutes")
    [event] = re.findall(r'action="/clock-events/(\d+)/correct"', one.get(page_of))
    form = {"form": f"correct-{event}", "at": "2026-11-20 09:00", "how": "minutes"}
    refused = one.post(f"/clock-events/{event}/correct", status=422, **form).text
    assert f'id="correct-{event}-reason-fault"' in refused
    assert "an earlier time was recorded" in refused
    one.post(f"/clock-events/{event}/correct", **form, reason="the year was mistyped")
    assert "proposes a later time of an event: The incident was found to be material" in other.get("/inbox")
    [row] = re.findall(r'action="/clock-events/(\d+)/confirm"', other.get("/inbox"))
    other.post(f"/clock-events/{row}/confirm", **{"from": "inbox"})
    page = one.get(page_of)
    assert "<del>The incident was found to be material" in page
    assert "the year was mistyped" in page
    assert "Corrected: The incident was found to be material" in one.get(f"/incidents/{number}")
    [current] = re.findall(r'action="/clock-events/(\d+)/withdraw"', page)
    faulty = one.post(f"/clock-events/{current}/withdraw", status=422, form=f"withdraw-event-{current}", reason="")
    assert f'id="withdraw-event-{current}-reason-fault"' in faulty.text
    one.post(f"/clock-events/{current}/withdraw", form=f"withdraw-event-{current}", reason="another company")
    assert "proposes to withdraw an event" in other.get(page_of)
    [row] = re.findall(r'action="/clock-events/(\d+)/confirm"', other.get(page_of))
    other.post(f"/clock-events/{row}/confirm")
    page = one.get(page_of)
    assert "Withdrawn: The incident was found to be material" in page
    assert "/withdraw" not in page
    assert "Withdrawn:" in one.get(f"/incidents/{number}/clocks/report")


def test_what_waited_too_long_is_shown_as_expired_and_asks_nobody(office: Office, number: str) -> None:
    one, other = office.browser("responder"), office.browser("coordinator")
    aware(one, number, "2026-11-20 08:00")
    one.post(f"/incidents/{number}/decisions/not-reportable", regime="cn-cac-cii", reason="only a test system")
    [decision] = re.findall(r'action="/decisions/(\d+)/confirm"', other.get(f"/incidents/{number}/clocks"))
    office.next_day()
    one, other = office.browser("responder"), office.browser("coordinator")
    page = other.get(f"/incidents/{number}/clocks")
    assert "expired" in page.partition('id="not-reportable"')[2]
    assert "/confirm" not in page
    assert "only a test system" not in other.get("/inbox")
    assert "no longer counts. Propose it again." in other.post(f"/decisions/{decision}/confirm", status=409).text
    assert "No second person confirmed in time what was proposed" in other.get(f"/incidents/{number}")


def test_a_later_awareness_is_declined_in_the_inbox_or_on_the_page(office: Office, number: str) -> None:
    one, other = office.browser("responder"), office.browser("coordinator")
    aware(one, number, "2026-11-20 08:00")
    aware(one, number, "2026-11-20 09:00", reason="the first alarm was about another system")
    assert "/decline" not in one.get(f"/incidents/{number}/clocks")
    [record] = re.findall(r'action="/awareness/(\d+)/decline"', other.get("/inbox"))
    path, form = f"/awareness/{record}/decline", f"decline-awareness-{record}"
    refused = other.post(path, status=422, form=form, decline_reason="", **{"from": "inbox"}).text
    assert f'id="{form}-fault"' in refused
    assert 'id="proposals"' in refused
    refused = other.post(path, status=422, form=form, decline_reason="").text
    assert f'id="{form}-fault"' in refused
    assert "Deadlines of authorities" in refused
    answer = other.post(path, form=form, decline_reason="The <b>first</b> alarm counts", **{"from": "inbox"})
    assert answer.headers["Location"] == "/inbox?said=proposal_declined"
    inbox = one.get("/inbox")
    assert "What you proposed was declined." in inbox
    assert "The &lt;b&gt;first&lt;/b&gt; alarm counts" in inbox
    assert 'id="proposals"' not in other.get("/inbox")
    report = other.get(f"/incidents/{number}/clocks/report")
    assert "declined it: The &lt;b&gt;first" in report
    assert "Declined what" in one.get(f"/incidents/{number}")


def test_the_list_counts_down_to_the_next_deadline_where_one_runs(office: Office, number: str) -> None:
    browser = office.browser("responder")
    assert "Next deadline</a>" not in browser.get("/incidents")
    other = office.open("CERT")
    aware(browser, number, "2026-11-21 08:20")
    page = browser.get("/incidents")
    assert "Next deadline" in page
    row = page.partition(f'id="row-{number}"')[2].partition("</tr>")[0]
    assert f'href="/incidents/{number}/clocks"' in row
    assert "data-until" in row
    first = browser.get("/incidents?sort=due")
    assert first.index(f'id="row-{number}"') < first.index(f'id="row-{other}"')
    assert "下一时限" in office.browser("responder", "zh_Hans_CN").get("/incidents")
