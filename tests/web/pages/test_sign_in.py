"""Signing in and out, the language, and where one is led."""

import datetime as dt

import pytest

from incident.actions import people
from incident.web.auth import SESSION_COOKIE
from tests.web.office import BY, Office

PASSWORD = "a long enough password"


@pytest.fixture
def wang(office: Office) -> Office:
    """An office in which Wang signs in with a password."""
    add = lambda: people.add_person("wang", "Wang", "responder", None, PASSWORD, "zh_Hans_CN", BY, office.hand.at)  # noqa: E731
    office.do(add)
    return office


def test_the_right_password_signs_in_and_leads_to_where_one_wanted_to_go(wang: Office) -> None:
    browser = wang.browser()
    answer = browser.post("/sign-in", login="wang", password=PASSWORD, next="/reports?q=mail")
    assert answer.location == "/reports?q=mail"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    browser.get("/incidents")


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/\tx"]
)
def test_nobody_is_led_to_another_site(wang: Office, target: str) -> None:
    answer = wang.browser().post("/sign-in", login="wang", password=PASSWORD, next=target)
    assert answer.location == "/"


def test_a_wrong_password_is_told_without_saying_what_was_wrong(wang: Office) -> None:
    wrong = wang.browser().post("/sign-in", status=403, login="wang", password="wrong")
    unknown = wang.browser().post("/sign-in", status=403, login="nobody", password="wrong")
    for answer in (wrong, unknown):
        assert "The sign-in name or the password is wrong." in answer.text
        assert SESSION_COOKIE not in answer.headers.get("Set-Cookie", "")
    assert 'value="wang"' in wrong.text


def test_after_ten_tries_one_has_to_wait(wang: Office) -> None:
    for _ in range(10):
        wang.browser().post("/sign-in", status=403, login="wang", password="wrong")
    answer = wang.browser().post("/sign-in", status=429, login="wang", password=PASSWORD)
    assert "Too many attempts" in answer.text
    wang.hand.forward(minutes=16)
    wang.browser().post("/sign-in", login="wang", password=PASSWORD)


def test_another_site_cannot_sign_a_browser_in(wang: Office) -> None:
    form = {"login": "wang", "password": PASSWORD}
    answer = wang.browser().client.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_signing_out_ends_the_session_on_the_server(office: Office) -> None:
    browser = office.browser("reader")
    kept = browser.client.get_cookie(SESSION_COOKIE)
    assert kept is not None
    browser.post("/sign-out")
    browser.client.set_cookie(SESSION_COOKIE, kept.value)
    browser.get("/incidents", status=303)


def test_a_session_ends_by_itself(office: Office) -> None:
    browser = office.browser("reader")
    office.hand.forward(hours=12, minutes=1)
    browser.get("/incidents", status=303)


def test_the_demonstrations_link_signs_in_more_than_once(office: Office) -> None:
    person = office.do(lambda: people.add_person("demo", "Demo", "reader", None, None, "en", BY, office.hand.at).id)
    token = office.do(lambda: people.make_link("demonstration", person, dt.timedelta(days=1), "cli", office.hand.at))
    for _ in range(2):
        browser = office.browser()
        browser.get(f"/sign-in/link/{token}", status=303)
        assert "Demo" in browser.get("/incidents")
    office.hand.forward(days=2)
    assert "used up or has expired" in office.browser().get(f"/sign-in/link/{token}", status=410)


@pytest.mark.parametrize(
    ("role", "path"), [("department", "/inbox"), ("reader", "/incidents"), ("coordinator", "/incidents")]
)
def test_the_start_leads_everybody_to_their_work(office: Office, role: str, path: str) -> None:
    assert office.browser(role).client.get("/").location == path


def test_the_language_is_the_chosen_one_then_the_persons_then_the_browsers(wang: Office) -> None:
    client = wang.app.test_client()
    assert "登录" in client.get("/sign-in", headers={"Accept-Language": "zh-TW,en;q=0.5"}).text
    assert ">Sign in<" in client.get("/sign-in", headers={"Accept-Language": "fr, en;q=0.8"}).text
    client.post("/sign-in", data={"login": "wang", "password": PASSWORD})
    assert "新建事件" in client.get("/incidents", headers={"Accept-Language": "en"}).text
    answer = client.post("/language", data={"language": "en", "next": "/incidents"})
    assert answer.location == "/incidents"
    assert "New incident" in client.get("/incidents").text


def test_an_unknown_language_is_not_kept(office: Office) -> None:
    answer = office.app.test_client().post("/language", data={"language": "tlh", "next": "/report"})
    assert (answer.location, "Set-Cookie" in answer.headers) == ("/report", False)
