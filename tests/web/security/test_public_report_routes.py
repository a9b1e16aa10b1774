"""Public routes of reports: no browser keeps them, and no log and no table has anything of a caller."""

import logging
import re
from collections.abc import Iterator

import pytest
from flask import Flask

from incident.web.security.auth import PUBLIC
from tests.web.office import Office

ADDRESS = "198.51.100.77"
AGENT = "Netscape 4.7 of Zhang San"


def public_routes(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        is_public = getattr(app.view_functions[rule.endpoint], "need", None) == PUBLIC
        if is_public and re.search(r"/(report|receipt)s?(/|$)", rule.rule):
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield method, rule.rule


def test_no_public_route_of_reports_is_kept_or_tells_other_sites_where_somebody_was(office: Office) -> None:
    routes = list(public_routes(office.app))
    assert len(routes) >= 12, routes
    for method, path in routes:
        answer = office.app.test_client().open(path, method=method, json={} if "/api/" in path else None)
        assert answer.headers.get("Cache-Control") == "no-store", (method, path)
        assert answer.headers.get("Referrer-Policy") == "no-referrer", (method, path)
        assert "Set-Cookie" not in answer.headers, (method, path)


def test_no_log_of_any_library_and_no_table_has_anything_of_a_caller(
    office: Office, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    client = office.app.test_client()
    more = {"environ_base": {"REMOTE_ADDR": ADDRESS}, "headers": {"User-Agent": AGENT}}
    receipt = client.post("/api/v1/reports", json={"text": "A strange mail"}, **more).json["receipt"]  # type: ignore[index]
    client.post("/report", data={"text": "Another strange mail"}, **more)
    for path, body in (
        ("open", {"receipt": receipt}),
        ("messages", {"receipt": receipt, "text": "More of it"}),
        ("open", {"receipt": "4071223398150042"}),
        ("withdraw", {"receipt": receipt}),
        ("open", {"receipt": 7}),
    ):
        client.post(f"/api/v1/receipts/{path}", json=body, **more)
    home = office.app.extensions["incident"].settings.home
    stored = b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())
    written = (caplog.text + "".join(capfd.readouterr())).encode() + stored
    assert b"A strange mail" in stored
    for secret in (ADDRESS, "Netscape", "Zhang San", receipt, "4071223398150042"):
        assert secret.encode() not in written, secret
