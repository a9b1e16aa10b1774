"""Every route against every role, compared with a second list of permissions."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from incident.core.values.access import PERMISSIONS, ROLES, may
from incident.web.security.auth import PUBLIC, SIGNED_IN
from tests.plugins.app import Speaker, speaking

EVERYBODY = frozenset(ROLES)
READERS = EVERYBODY - {"source", "monitor"}
STAFF = frozenset({"administrator", "coordinator", "responder"})
BOSSES = frozenset({"administrator", "coordinator"})
ADMINISTRATOR = frozenset({"administrator"})
WITHOUT_DEPARTMENTS = READERS - {"department"}

MATRIX: dict[tuple[str, str], frozenset[str]] = {
    ("POST", "/incidents"): STAFF,
    ("GET", "/incidents"): READERS,
    ("GET", "/views"): READERS,
    ("POST", "/views"): READERS,
    ("DELETE", "/views/<view_id>"): READERS,
    ("POST", "/views/<view_id>/restore"): READERS,
    ("POST", "/exports"): READERS,
    ("GET", "/exports"): READERS,
    ("GET", "/exports/<export_id>"): READERS,
    ("GET", "/exports/<export_id>/content"): READERS,
    ("DELETE", "/exports/<export_id>"): READERS,
    ("GET", "/incidents/<number>"): READERS,
    ("PATCH", "/incidents/<number>"): STAFF,
    ("POST", "/incidents/<number>/acknowledge"): READERS - {"reader"},
    ("POST", "/incidents/<number>/close"): BOSSES,
    ("POST", "/incidents/<number>/reopen"): BOSSES,
    ("POST", "/incidents/<number>/notes"): STAFF,
    ("PUT", "/incidents/<number>/systems"): STAFF,
    ("POST", "/systems"): BOSSES,
    ("GET", "/systems"): READERS,
    ("GET", "/systems/<code>"): READERS,
    ("GET", "/systems.csv"): READERS,
    ("POST", "/maintenance-windows"): BOSSES,
    ("GET", "/maintenance-windows"): WITHOUT_DEPARTMENTS,
    ("GET", "/maintenance-windows/<window_id>"): WITHOUT_DEPARTMENTS,
    ("PATCH", "/maintenance-windows/<window_id>"): BOSSES,
    ("POST", "/maintenance-windows/<window_id>/end"): BOSSES,
    ("GET", "/maintenance-windows/<window_id>/alerts"): WITHOUT_DEPARTMENTS,
    ("GET", "/systems.xlsx"): READERS,
    ("POST", "/system-imports"): BOSSES,
    ("PATCH", "/systems/<code>"): BOSSES,
    ("DELETE", "/systems/<code>"): BOSSES,
    ("GET", "/incidents/<number>/ledger"): READERS,
    ("GET", "/incidents/<number>/certificate"): READERS,
    ("GET", "/incidents/<number>/following"): READERS,
    ("PUT", "/incidents/<number>/following"): READERS,
    ("GET", "/incidents/<number>/alerts"): READERS,
    ("GET", "/incidents/<number>/journal"): WITHOUT_DEPARTMENTS,
    ("POST", "/incidents/<number>/runs"): STAFF,
    ("POST", "/incidents/<number>/start-requests"): STAFF,
    ("GET", "/start-requests"): STAFF,
    ("POST", "/start-requests/<request_id>/decline"): BOSSES,
    ("GET", "/incidents/<number>/grading"): READERS,
    ("PUT", "/incidents/<number>/grading/answers"): STAFF,
    ("POST", "/incidents/<number>/grading/decide"): STAFF,
    ("POST", "/gradings/<decision_id>/confirm"): STAFF,
    ("POST", "/gradings/<decision_id>/decline"): STAFF,
    ("PUT", "/incidents/<number>/awareness"): STAFF,
    ("POST", "/awareness/<record_id>/confirm"): STAFF,
    ("POST", "/awareness/<record_id>/decline"): STAFF,
    ("PUT", "/incidents/<number>/handled"): STAFF,
    ("POST", "/handled/<record_id>/confirm"): STAFF,
    ("POST", "/handled/<record_id>/decline"): STAFF,
    ("GET", "/incidents/<number>/decisions"): READERS,
    ("POST", "/incidents/<number>/decisions/not-reportable"): STAFF,
    ("POST", "/decisions/<decision_id>/confirm"): STAFF,
    ("POST", "/decisions/<decision_id>/decline"): STAFF,
    ("POST", "/decisions/<decision_id>/withdraw"): STAFF,
    ("POST", "/decisions/<decision_id>/review"): STAFF,
    ("POST", "/gradings/<decision_id>/review"): STAFF,
    ("GET", "/approvals"): STAFF,
    ("GET", "/reviews"): STAFF,
    ("POST", "/incidents/<number>/clock-events"): STAFF,
    ("GET", "/incidents/<number>/clocks"): READERS,
    ("GET", "/clocks"): READERS,
    ("POST", "/clocks/<clock_id>/file"): STAFF | {"department"},  # which has the task to file it
    ("POST", "/filings/<filing_id>/revoke"): STAFF | {"department"},  # which owes it onward
    ("POST", "/filings/<filing_id>/return"): STAFF | {"department"},
    ("POST", "/clock-events/<record_id>/correct"): STAFF,
    ("POST", "/clock-events/<record_id>/withdraw"): STAFF,
    ("POST", "/clock-events/<record_id>/confirm"): STAFF,
    ("POST", "/clock-events/<record_id>/decline"): STAFF,
    ("POST", "/revocations/<revocation_id>/confirm"): STAFF,
    ("POST", "/revocations/<revocation_id>/decline"): STAFF,
    ("POST", "/clocks/<clock_id>/waive"): STAFF,
    ("POST", "/clocks/<clock_id>/suspend"): STAFF,
    ("POST", "/clocks/<clock_id>/resume"): STAFF,
    ("GET", "/regimes"): READERS,
    ("GET", "/grading-rule-sets"): READERS,
    ("POST", "/grading-rule-sets/try"): READERS,
    ("GET", "/grading-rule-sets/<rule_set_id>"): READERS,
    ("PUT", "/grading-rule-sets/<rule_set_id>"): ADMINISTRATOR,
    ("POST", "/grading-rule-sets/<rule_set_id>/retire"): ADMINISTRATOR,
    ("GET", "/grading-rule-sets/<rule_set_id>/versions"): READERS,
    ("GET", "/grading-rule-sets/<rule_set_id>/versions/<content_hash>"): READERS,
    ("GET", "/figures"): READERS,
    ("POST", "/figures/<source>/<cell>/confirm"): ADMINISTRATOR,
    ("POST", "/figures/<source>/<cell>/withdraw"): ADMINISTRATOR,
    ("GET", "/document-kinds"): READERS,
    ("GET", "/document-series"): READERS,
    ("PUT", "/document-series"): ADMINISTRATOR,
    ("POST", "/documents"): STAFF,
    ("GET", "/documents"): READERS,
    ("GET", "/documents/<document_id>"): READERS,
    ("GET", "/documents/<document_id>.json"): READERS,
    ("GET", "/documents/<document_id>.html"): READERS,
    ("GET", "/documents/<document_id>.pdf"): READERS,
    ("GET", "/documents/<document_id>.docx"): READERS,
    ("PATCH", "/documents/<document_id>"): STAFF,
    ("POST", "/documents/<document_id>/submit"): STAFF,
    ("POST", "/documents/<document_id>/review"): STAFF,
    ("POST", "/documents/<document_id>/legal-review"): BOSSES,
    ("POST", "/documents/<document_id>/countersign"): READERS - {"reader"},
    ("POST", "/documents/<document_id>/return"): READERS - {"reader"},
    ("POST", "/documents/<document_id>/sign"): BOSSES,
    ("POST", "/documents/<document_id>/seal"): BOSSES,
    ("POST", "/documents/<document_id>/void"): BOSSES,
    ("POST", "/documents/<document_id>/archive"): BOSSES,
    ("POST", "/documents/<document_id>/service"): STAFF,
    ("POST", "/document-services/<service_id>/receipt"): STAFF,
    ("GET", "/unserved-documents"): READERS,
    ("GET", "/running-terms"): READERS,
    ("GET", "/incidents/<number>/folder"): READERS,
    ("GET", "/document-registers/outgoing.xlsx"): READERS,
    ("GET", "/document-registers/incoming.xlsx"): READERS,
    ("GET", "/document-registers/service.xlsx"): READERS,
    ("GET", "/text-blocks"): READERS,
    ("PUT", "/text-blocks"): ADMINISTRATOR,
    ("POST", "/incoming-papers"): STAFF,
    ("GET", "/incoming-papers"): READERS,
    ("GET", "/due-papers"): READERS,
    ("GET", "/incoming-papers/<paper_id>"): READERS,
    ("PATCH", "/incoming-papers/<paper_id>"): STAFF,
    ("POST", "/incoming-papers/<paper_id>/propose"): STAFF,
    ("POST", "/incoming-papers/<paper_id>/instruct"): BOSSES,
    ("POST", "/incoming-papers/<paper_id>/circulate"): STAFF,
    ("POST", "/incoming-papers/<paper_id>/read"): READERS,
    ("POST", "/incoming-papers/<paper_id>/answer"): STAFF,
    ("POST", "/incoming-papers/<paper_id>/finish"): STAFF,
    ("GET", "/organization/profile"): READERS,
    ("PUT", "/organization/profile"): ADMINISTRATOR,
    ("GET", "/incidents/<number>/tickets"): READERS,
    ("POST", "/incidents/<number>/tickets"): STAFF,
    ("DELETE", "/incidents/<number>/tickets/<ticket_id>"): STAFF,
    ("GET", "/incidents/<number>/evidence"): READERS,
    ("POST", "/incidents/<number>/evidence"): STAFF,
    ("GET", "/incidents/<number>/evidence/<evidence_id>"): READERS,
    ("DELETE", "/incidents/<number>/evidence/<evidence_id>"): STAFF,
    ("PATCH", "/incidents/<number>/evidence/<evidence_id>/content"): STAFF,
    ("GET", "/incidents/<number>/evidence/<evidence_id>/content"): READERS,
    ("POST", "/incidents/<number>/evidence/<evidence_id>/complete"): STAFF,
    ("POST", "/incidents/<number>/evidence/<evidence_id>/release"): STAFF,
    ("POST", "/incidents/<number>/evidence/<evidence_id>/remove"): BOSSES,
    ("POST", "/incidents/<number>/evidence/<evidence_id>/restore"): BOSSES,
    ("GET", "/incidents/<number>/evidence/<evidence_id>/parts"): STAFF,
    ("GET", "/incidents/<number>/evidence-bundle"): BOSSES,
    ("GET", "/incidents/<number>/indicators"): READERS,
    ("POST", "/incidents/<number>/indicators"): STAFF,
    ("DELETE", "/incidents/<number>/indicators/<indicator_id>"): STAFF,
    ("GET", "/incidents/<number>/related"): READERS,
    ("GET", "/techniques"): READERS,
    ("GET", "/incidents/<number>/techniques"): READERS,
    ("PUT", "/incidents/<number>/techniques/<technique>"): STAFF,
    ("DELETE", "/incidents/<number>/techniques/<technique>"): STAFF,
    ("GET", "/incidents/<number>/merges"): READERS,
    ("POST", "/incidents/<number>/merge"): BOSSES,
    ("POST", "/incidents/<number>/merge/undo"): BOSSES,
    ("GET", "/incidents/<number>/review"): WITHOUT_DEPARTMENTS,
    ("POST", "/incidents/<number>/review"): STAFF,
    ("POST", "/incidents/<number>/review/actions"): STAFF,
    ("POST", "/incidents/<number>/review/actions/<action_id>/done"): READERS,
    ("DELETE", "/incidents/<number>/review/actions/<action_id>"): STAFF,
    ("GET", "/review-actions"): READERS,
    ("POST", "/incidents/<number>/reports"): STAFF,
    ("DELETE", "/incidents/<number>/reports/<report_id>"): STAFF,
    ("POST", "/alerts/<source>"): frozenset({"administrator", "source"}),
    ("GET", "/alerts/<source>"): frozenset({"administrator", "source"}),
    ("GET", "/notifications"): READERS,
    ("GET", "/notices"): READERS,
    ("GET", "/notices/<notice_id>"): READERS,
    ("POST", "/notices/<notice_id>/acknowledge"): READERS - {"reader"},
    ("POST", "/notices/<notice_id>/accept"): READERS - {"reader"},
    ("POST", "/notices/<notice_id>/decline"): READERS - {"reader"},
    ("POST", "/notices/<notice_id>/done"): READERS - {"reader"},
    ("POST", "/notices/<notice_id>/withdraw"): BOSSES,
    ("GET", "/tasks"): READERS,
    ("GET", "/tasks/<task_id>"): READERS,
    ("POST", "/tasks/<task_id>/complete"): READERS - {"reader"},
    ("PATCH", "/tasks/<task_id>"): STAFF,
    ("POST", "/handovers"): READERS - {"reader"},
    ("GET", "/handovers"): READERS - {"reader"},
    ("GET", "/handovers/<handover_id>"): READERS - {"reader"},
    ("POST", "/handovers/<handover_id>/confirm"): READERS - {"reader"},
    ("GET", "/runs/<run_id>"): READERS,
    ("POST", "/runs/<run_id>/cancel"): BOSSES,
    ("POST", "/runs/<run_id>/pause"): BOSSES,
    ("POST", "/runs/<run_id>/resume"): BOSSES,
    ("POST", "/runs/<run_id>/steps/<step>/retry"): BOSSES,
    ("POST", "/runs/<run_id>/steps/<step>/override"): BOSSES,
    ("GET", "/runs/<run_id>/replay"): WITHOUT_DEPARTMENTS,
    ("GET", "/reports"): STAFF,
    ("GET", "/reports/<report_id>"): STAFF,
    ("PATCH", "/reports/<report_id>"): STAFF,
    ("POST", "/reports/<report_id>/messages"): STAFF,
    ("POST", "/reports/<report_id>/identity-requests"): STAFF,
    ("POST", "/identity-requests/<identity_request_id>/approve"): READERS,
    ("POST", "/identity-requests/<identity_request_id>/refuse"): READERS,
    ("POST", "/identity-requests/<identity_request_id>/withdraw"): STAFF,
    ("POST", "/reports/<report_id>/accept"): STAFF,
    ("POST", "/reports/<report_id>/refuse"): STAFF,
    ("POST", "/reports/<report_id>/verify"): STAFF,
    ("POST", "/reports/<report_id>/conclude"): STAFF,
    ("POST", "/reports/<report_id>/hand-over"): STAFF,
    ("POST", "/reports/<report_id>/handle"): STAFF,
    ("POST", "/reports/<report_id>/reply"): STAFF,
    ("POST", "/reports/<report_id>/close"): STAFF,
    ("POST", "/reports/<report_id>/merge"): STAFF,
    ("POST", "/reports/<report_id>/reopen"): STAFF,
    ("POST", "/reports/<report_id>/review"): STAFF,
    ("POST", "/reports/<report_id>/calls"): STAFF,
    ("GET", "/reports/<report_id>/calls"): STAFF,
    ("GET", "/calls"): BOSSES,
    ("POST", "/calls/<call_id>/number"): BOSSES,
    ("POST", "/calls/<call_id>/end"): BOSSES,
    ("POST", "/calls/<call_id>/cancel"): STAFF,
    ("GET", "/custodians"): BOSSES,
    ("POST", "/custodians"): READERS,
    ("GET", "/custodians/threshold"): BOSSES,
    ("PUT", "/custodians/threshold"): ADMINISTRATOR,
    ("GET", "/identity-requests/<identity_request_id>"): STAFF,
    ("POST", "/reports/<report_id>/units"): STAFF,
    ("POST", "/reports/<report_id>/passages"): STAFF,
    ("POST", "/playbooks"): BOSSES,
    ("POST", "/playbooks/lint"): WITHOUT_DEPARTMENTS,
    ("POST", "/playbooks/<playbook_id>/simulate"): WITHOUT_DEPARTMENTS,
    ("GET", "/playbooks"): WITHOUT_DEPARTMENTS,
    ("GET", "/playbooks/<playbook_id>"): WITHOUT_DEPARTMENTS,
    ("POST", "/drills"): BOSSES,
    ("GET", "/drills"): READERS,
    ("GET", "/insights"): READERS,
    ("GET", "/insights.csv"): READERS,
    ("GET", "/drills/<drill_id>"): READERS,
    ("POST", "/drills/<drill_id>/end"): BOSSES,
    ("GET", "/playbooks/<playbook_id>/signatures"): WITHOUT_DEPARTMENTS,
    ("GET", "/access-log"): ADMINISTRATOR,
    ("GET", "/playbooks/<playbook_id>/approvals"): WITHOUT_DEPARTMENTS,
    ("POST", "/playbooks/<playbook_id>/approve"): BOSSES,
    ("GET", "/signers"): WITHOUT_DEPARTMENTS,
    ("POST", "/signers"): ADMINISTRATOR,
    ("DELETE", "/signers/<signer_id>"): ADMINISTRATOR,
    ("POST", "/departments"): ADMINISTRATOR,
    ("GET", "/departments"): READERS,
    ("GET", "/departments/<code>"): READERS,
    ("POST", "/departments/<code>/contacts"): ADMINISTRATOR,
    ("DELETE", "/departments/<code>/contacts/<contact_id>"): ADMINISTRATOR,
    ("POST", "/contacts/<contact_id>/test"): BOSSES,
    ("POST", "/contacts/<contact_id>/secret"): ADMINISTRATOR,
    ("PATCH", "/contacts/<contact_id>"): ADMINISTRATOR,
    ("PATCH", "/departments/<code>"): ADMINISTRATOR,
    ("PUT", "/departments/<code>/members"): BOSSES,
    ("GET", "/departments/<code>/members"): READERS,
    ("PUT", "/departments/<code>/rota"): BOSSES,
    ("GET", "/departments/<code>/rota"): READERS,
    ("POST", "/departments/<code>/rota/overrides"): READERS - {"reader"},
    ("GET", "/departments/<code>/rota.ics"): READERS,
    ("POST", "/departments/<code>/rota/import"): BOSSES,
    ("GET", "/departments/<code>/duty"): READERS,
    ("GET", "/departments/<code>/gaps"): READERS,
    ("GET", "/dead-letters"): BOSSES,
    ("POST", "/dead-letters/<message_id>/resend"): BOSSES,
    ("PUT", "/departments/<code>/policy"): BOSSES,
    ("GET", "/departments/<code>/policy"): WITHOUT_DEPARTMENTS,
    ("GET", "/departments/<code>/preview"): WITHOUT_DEPARTMENTS,
    ("PUT", "/rules"): BOSSES,
    ("GET", "/rules"): WITHOUT_DEPARTMENTS,
    ("POST", "/rules/try"): WITHOUT_DEPARTMENTS,
    ("GET", "/sources"): WITHOUT_DEPARTMENTS,
    ("POST", "/sources/try"): WITHOUT_DEPARTMENTS,
    ("GET", "/sources/<name>"): WITHOUT_DEPARTMENTS,
    ("PUT", "/sources/<name>"): BOSSES,
    ("DELETE", "/sources/<name>"): BOSSES,
    ("GET", "/sources/<name>/versions"): WITHOUT_DEPARTMENTS,
    ("POST", "/sources/<name>/tokens"): BOSSES,
    ("DELETE", "/sources/<name>/tokens/<token_id>"): BOSSES,
    ("PUT", "/sources/<name>/signature"): BOSSES,
    ("DELETE", "/sources/<name>/signature"): BOSSES,
    ("POST", "/sources/<name>/signature/secret"): BOSSES,
    ("DELETE", "/sources/<name>/signature/old-secret"): BOSSES,
    ("GET", "/sources/sns/topics"): WITHOUT_DEPARTMENTS,
    ("POST", "/sources/sns/topics"): BOSSES,
    ("DELETE", "/sources/sns/topics/<topic_id>"): BOSSES,
    ("GET", "/secrets"): BOSSES,
    ("GET", "/secrets/<name>/places"): BOSSES,
    ("PUT", "/secrets/<name>/places"): ADMINISTRATOR,
    ("POST", "/ssh-targets"): ADMINISTRATOR,
    ("GET", "/ssh-targets"): ADMINISTRATOR,
    ("DELETE", "/ssh-targets/<target_id>"): ADMINISTRATOR,
    ("GET", "/subscriptions"): ADMINISTRATOR,
    ("POST", "/subscriptions"): ADMINISTRATOR,
    ("GET", "/subscriptions/<subscription_id>"): ADMINISTRATOR,
    ("PATCH", "/subscriptions/<subscription_id>"): ADMINISTRATOR,
    ("DELETE", "/subscriptions/<subscription_id>"): ADMINISTRATOR,
    ("POST", "/subscriptions/<subscription_id>/test"): ADMINISTRATOR,
    ("POST", "/subscriptions/<subscription_id>/pause"): ADMINISTRATOR,
    ("POST", "/subscriptions/<subscription_id>/resume"): ADMINISTRATOR,
    ("POST", "/subscriptions/<subscription_id>/rotate-secret"): ADMINISTRATOR,
    ("GET", "/subscriptions/<subscription_id>/deliveries"): ADMINISTRATOR,
    ("POST", "/subscriptions/<subscription_id>/deliveries/<event_id>/resend"): ADMINISTRATOR,
    ("POST", "/tokens"): ADMINISTRATOR,
    ("GET", "/tokens"): ADMINISTRATOR,
    ("DELETE", "/tokens/<token_id>"): ADMINISTRATOR,
    ("POST", "/people"): ADMINISTRATOR,
    ("GET", "/people"): ADMINISTRATOR,
    ("GET", "/machine-commands"): BOSSES,
    ("POST", "/machine-commands/stop"): BOSSES,
    ("POST", "/machine-commands/resume"): BOSSES,
}
OPEN = frozenset(
    {
        ("POST", "/reports"),
        ("POST", "/receipts/open"),
        ("POST", "/receipts/messages"),
        ("POST", "/receipts/withdraw"),
        ("POST", "/receipts/verify"),
        ("GET", "/certificate-key"),
        ("GET", "/openapi.json"),
        ("GET", "/docs"),
    }
)
PREFIX = "/api/v1"


def routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Every method and rule with its endpoint."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, plain(rule.rule), rule.endpoint


def plain(rule: str) -> str:
    """The rule without its converters: `<int(max=9):run_id>` is `<run_id>`."""
    return "/".join(
        f"<{part.rpartition(':')[2]}" if part.startswith("<") and ":" in part else part for part in rule.split("/")
    )


def need(app: Flask, endpoint: str) -> Any:
    return getattr(app.view_functions[endpoint], "need", None)


def test_every_route_of_the_api_is_in_the_matrix(sqlite_app: Flask) -> None:
    found = {(method, rule.removeprefix(PREFIX)) for method, rule, _ in routes(sqlite_app) if rule.startswith(PREFIX)}
    assert found == MATRIX.keys() | OPEN


def test_every_route_says_who_may_use_it(sqlite_app: Flask) -> None:
    silent = {rule for _, rule, endpoint in routes(sqlite_app) if need(sqlite_app, endpoint) is None}
    assert silent == set()


def test_what_routes_need_allows_the_roles_of_the_matrix_and_no_other(sqlite_app: Flask) -> None:
    for method, rule, endpoint in routes(sqlite_app):
        if not rule.startswith(PREFIX):
            continue
        key = (method, rule.removeprefix(PREFIX))
        wanted = need(sqlite_app, endpoint)
        if key in OPEN:
            assert wanted == PUBLIC, key
        else:
            assert {role for role in ROLES if may(role, wanted)} == MATRIX[key], key


def address(rule: str) -> str:
    """An address of a rule: of something that is not there, so that only the door answers."""
    number = rule.replace("<number>", "INC-2026-999999").replace("<source>", "generic").replace("<code>", "NOWHERE")
    number = number.replace("<playbook_id>", "playbook--x")
    return "/".join("999" if part.startswith("<") else part for part in number.split("/"))


def test_every_route_against_every_role(sqlite_app: Flask, speak_sqlite: Speaker) -> None:
    speak_sqlite("administrator").made("/departments", {"code": "CERT", "name": "Response"})
    for role in ROLES:
        speaker = speak_sqlite(role, "CERT" if role == "department" else None)
        for (method, rule), allowed in MATRIX.items():
            status = speaker.ask(method, address(rule), {} if method != "GET" else None).status_code
            assert (status == 403) is (role not in allowed), (role, method, rule, status)
            assert status < 500


def test_nobody_enters_without_a_token_but_by_the_open_doors(sqlite_app: Flask, speak_sqlite: Speaker) -> None:
    stranger = speak_sqlite()
    for method, rule in MATRIX:
        assert stranger.ask(method, address(rule)).status_code == 401, (method, rule)
    for method, rule in OPEN:
        assert stranger.ask(method, rule).status_code not in (401, 403), (method, rule)


def test_every_page_is_closed_to_strangers_unless_it_says_so(sqlite_app: Flask) -> None:
    client = sqlite_app.test_client()
    for method, rule, endpoint in routes(sqlite_app):
        if rule.startswith(PREFIX) or need(sqlite_app, endpoint) == PUBLIC:
            continue
        status = client.open(address(rule), method=method).status_code
        assert status in (302, 303, 401, 404), (method, rule, status)


def test_every_page_against_every_role(sqlite_app: Flask) -> None:
    """A role without the permission of a page gets 403, even if the object does not exist."""
    speak = speaking(sqlite_app)
    speak("administrator").made("/departments", {"code": "CERT", "name": "Response"})
    for role in ROLES:
        speaker = speak(role, "CERT" if role == "department" else None)
        for method, rule, endpoint in routes(sqlite_app):
            wanted = need(sqlite_app, endpoint)
            if rule.startswith((PREFIX, "/live")) or wanted in (PUBLIC, SIGNED_IN):
                continue
            status = speaker.client.open(address(rule), method=method, headers=speaker.headers).status_code
            if not may(role, wanted):
                assert status == 403, (role, method, rule, status)
            assert status < 500, (role, method, rule)


@pytest.mark.parametrize("role", ROLES)
def test_no_role_has_more_than_the_administrator(role: str) -> None:
    assert PERMISSIONS[role] <= PERMISSIONS["administrator"]  # type: ignore[index]
