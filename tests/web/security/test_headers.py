"""Security headers of every response, and the origin of changes."""

import re

import pytest
from flask import Flask

from incident.web.security import headers as security_headers
from incident.web.security.auth import SESSION_COOKIE
from tests.web.office import Office

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@pytest.mark.parametrize("path", ["/incidents", "/nothing", "/people"])
def test_every_page_refuses_scripts_styles_and_frames_of_others(office: Office, path: str) -> None:
    answer = office.browser("reader").client.get(path)
    rules = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert (rules["script-src"], rules["style-src"], rules["frame-ancestors"]) == ("'self'", "'self'", "'none'")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert "Strict-Transport-Security" not in answer.headers


def test_files_of_ours_are_kept_by_the_browser(office: Office) -> None:
    path = re.search(r'href="(/static/css/incident.css\?v=[0-9a-f]+)"', office.browser().get("/sign-in"))
    assert path is not None
    answer = office.browser().client.get(path[1])
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("headers", "is_taken"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, False),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "http://127.0.0.1:8000"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
    ],
)
def test_a_signed_in_browser_changes_nothing_for_another_site(
    office: Office,
    headers: dict[str, str],
    is_taken: bool,
) -> None:
    number = office.open("NOC")
    client = office.browser("responder").client
    for path, body in ((f"/incidents/{number}/notes", {"note": "x"}), (f"/api/v1/incidents/{number}/notes", None)):
        given = {"data": body} if body else {"json": {"text": "x"}}
        answer = client.post(path, headers=headers, **given)
        assert (answer.status_code == 403) is not is_taken


def test_a_program_with_a_token_is_not_asked_where_it_comes_from(office: Office) -> None:
    from incident.actions.directory import tokens

    secret = office.do(lambda: tokens.make_token("x", "responder", None, "tests", office.hand.at).secret)
    headers = {"Authorization": f"Bearer {secret}", "Origin": "https://evil.example"}
    answer = office.app.test_client().post("/api/v1/incidents", json={"title": "x"}, headers=headers)
    assert answer.status_code == 201


def test_behind_https_browsers_are_told_to_stay_there() -> None:
    app = Flask("t")
    security_headers.register(app, "https://incident.example.org", SESSION_COOKIE, set())
    answer = app.test_client().get("/")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_a_policy_can_be_loosened_in_one_place_only() -> None:
    loosened = security_headers.content_security_policy(style_src="'unsafe-inline'", sandbox="allow-popups")
    assert "style-src 'unsafe-inline'" in loosened
    assert "script-src 'self'" in loosened
    assert loosened.endswith("sandbox allow-popups")


@pytest.mark.parametrize(
    ("url", "origin"),
    [("https://A.example:8443/x?y", "https://a.example:8443"), ("http://127.0.0.1:8000", "http://127.0.0.1:8000")],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: str) -> None:
    assert security_headers.origin(url) == origin


HOSTS = (
    "localhost:8000",
    "127.0.0.1:8000",
    "127.8.8.8",
    "[::1]:8000",
    "incident.example.org",
    "INCIDENT.example.org:443",
)


@pytest.mark.parametrize("host", [*HOSTS, "ops.example.net", "a.b.intranet"])
def test_loopback_the_public_host_and_trusted_ones_are_answered(host: str) -> None:
    assert guarded().test_client().get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "incident.example.org.evil.example",
        "xincident.example.org",
        "[2001:db8::1]",
        "10.0.0.1",
        "intranet",
        "a b",
    ],
)
def test_any_other_host_is_refused(host: str) -> None:
    assert guarded().test_client().get("/", headers={"Host": host}).status_code in {400, 421}


def guarded() -> Flask:
    """An app that is reached as incident.example.org and trusts two hosts more."""
    app = Flask("guarded")
    app.add_url_rule("/", "front", lambda: "here")
    trusted = ("ops.example.net", ".intranet")
    security_headers.register(app, "https://incident.example.org", SESSION_COOKIE, set(), trusted)
    return app
