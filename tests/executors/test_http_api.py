"""http-api commands against real servers."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from incident.executors import Command, CommandResult, ExecutorContext, SecretRefused, registry
from incident.executors.http_api import HttpApi, is_repeatable
from incident.outgoing import Outgoing
from tests import receivers
from tests.receivers import Receiver, receiver

SECRETS = {"firewall": "t0psecret-token", "pair": "someone:passw0rd-of-pair", "bare": "justonepart"}
AUTHORISED = "http-api--1"


def secret(name: str, place: str) -> str:
    """Gives each secret to every place but one that is not deposited."""
    if name not in SECRETS:
        raise SecretRefused(f"the secret {name} is not set")
    return SECRETS[name]


def target(url: str, **more: Any) -> dict[str, Any]:
    return {"id": AUTHORISED, "type": "http-api", "name": "wall", "address": {"url": [url]}, **more}


def execute(body: Mapping[str, Any], *targets: Mapping[str, Any], seconds: float = 5.0, **more: Any) -> CommandResult:
    executor = HttpApi(Outgoing(allow_private=True, connect_limit=seconds, whole_limit=seconds), secret)
    return executor.execute(Command(kind="http-api", body={"type": "http-api", **body}, targets=targets, **more))


def test_a_2xx_succeeds_and_gives_the_declared_variables() -> None:
    answer = json.dumps({"ticket": "T-1", "count": 3, "hosts": ["a", "b"], "name": "名"}).encode()
    out = ("__http_status__", "__http_body__", "__http_headers__", "__ticket__", "__count__", "__hosts__", "__name__")
    with receiver(status=201, headers={"X-Made": "yes"}, body=answer) as server:
        ended = execute(
            {"command": "POST /api/x?y=1 HTTP/1.1", "headers": {"Content-Type": ["application/json"]}, "content": "{}"},
            target(server.url),
            out=out,
        )
    assert ended.outcome == "succeeded"
    assert ended.detail == f"POST 127.0.0.1:{server.port}: 201"
    assert json.loads(ended.variables["__http_headers__"])["x-made"] == "yes"
    assert {name: value for name, value in ended.variables.items() if name != "__http_headers__"} == {
        "__http_status__": "201",
        "__http_body__": answer.decode(),
        "__ticket__": "T-1",
        "__count__": "3",
        "__hosts__": '["a","b"]',
        "__name__": "名",
    }
    came = server.requests[0]
    assert (came.method, came.path, came.body) == ("POST", "/api/x?y=1", b"{}")
    assert came.headers["content-type"] == "application/json"


def test_only_declared_variables_come_back_and_a_missing_one_is_told() -> None:
    with receiver(body=b'{"a": 1, "b": 2}') as server:
        ended = execute({"command": "GET / HTTP/1.1"}, target(server.url), out=("__a__", "__c__"))
    assert ended.variables == {"__a__": "1"}
    assert ended.detail.endswith("not in the answer: __c__")


@pytest.mark.parametrize("status", [301, 302, 400, 404, 500, 503])
def test_any_other_status_fails_at_once(status: int) -> None:
    with receiver(status=status, headers={"Location": "/elsewhere"}) as server:
        ended = execute({"command": "GET / HTTP/1.1"}, target(server.url), out=("__http_status__",))
    assert ended.outcome == "failed"
    assert ended.variables == {"__http_status__": str(status)}
    assert len(server.requests) == 1


@pytest.mark.parametrize("behave", [receivers.hang, receivers.drip_body, receivers.drip_headers])
def test_no_complete_answer_fails(behave: Any) -> None:
    with receiver(behave=behave) as server:
        ended = execute({"command": "GET / HTTP/1.1"}, target(server.url), seconds=0.5)
    assert ended.outcome == "failed"
    assert "within 0.5 s" in ended.detail


def test_no_request_outlives_its_step_and_none_is_sent_after_it() -> None:
    executor = HttpApi(Outgoing(allow_private=True), secret)
    body = {"command": "GET / HTTP/1.1"}
    with receiver(behave=receivers.hang) as server:
        places = (target(server.url), target(server.url))
        ended = executor.execute(Command(kind="http-api", body=body, targets=places, limit=0.3))
        waited = re.search(r"within ([0-9.]+) s", ended.detail)
        assert waited is not None
        assert 0 < float(waited[1]) <= 0.3
        late = executor.execute(Command(kind="http-api", body=body, targets=places, limit=0.0))
        assert late.detail.endswith("not sent, the time of the step is over")
    assert len(server.requests) <= 1


def test_a_refused_connection_fails() -> None:
    url = f"http://127.0.0.1:{receivers.closed_port()}"
    assert execute({"command": "GET / HTTP/1.1"}, target(url)).outcome == "failed"


def test_a_private_address_fails_while_private_is_off() -> None:
    with receiver() as server:
        command = Command(kind="http-api", body={"command": "GET / HTTP/1.1"}, targets=(target(server.url),))
        ended = HttpApi(Outgoing(), secret).execute(command)
    assert ended.outcome == "failed"
    assert "loopback" in ended.detail
    assert server.requests == []


def test_a_100_megabyte_answer_is_cut_and_says_so() -> None:
    with receiver(behave=receivers.pour) as server:
        executor = HttpApi(Outgoing(allow_private=True), secret)
        body = {"command": "GET / HTTP/1.1"}
        ended = executor.execute(
            Command(kind="http-api", body=body, targets=(target(server.url),), out=("__http_body__",))
        )
    assert len(ended.variables["__http_body__"]) == 1 << 20
    assert ended.detail.endswith("the answer was cut at 1 MiB")


@pytest.mark.parametrize("body", [b"not json", b"[1, 2]", b"[" * 200_000, b"\xff\xfe", b'{"a": ' + b"9" * 6000 + b"}"])
def test_an_answer_that_is_no_json_object_gives_no_members(body: bytes) -> None:
    with receiver(body=body) as server:
        ended = execute({"command": "GET / HTTP/1.1"}, target(server.url), out=("__a__",))
    assert (ended.outcome, ended.variables) == ("succeeded", {})


def test_what_no_database_takes_is_replaced() -> None:
    with receiver(body=b'{"a": "x\\u0000y\\ud800z", "b\x00": 1}') as server:
        ended = execute({"command": "GET / HTTP/1.1"}, target(server.url), out=("__http_body__",))
        assert "\x00" not in ended.variables["__http_body__"]
        server.body = b'{"a": "x\\u0000y\\ud800z"}'
        assert execute({"command": "GET /"}, target(server.url), out=("__a__",)).variables == {"__a__": "x�y?z"}


def test_each_target_is_asked_in_turn_until_one_fails() -> None:
    with receiver(body=b"1") as first, receiver(status=500) as second, receiver() as third:
        ended = execute({"command": "GET / HTTP/1.1"}, *[target(one.url) for one in (first, second, third)])
    assert [len(one.requests) for one in (first, second, third)] == [1, 1, 0]
    assert ended.outcome == "failed"
    assert ended.detail == f"GET 127.0.0.1:{first.port}: 200; GET 127.0.0.1:{second.port}: 500"


def test_without_targets_the_agents_own_address_is_meant() -> None:
    with receiver() as server:
        assert execute({"command": "GET / HTTP/1.1"}, agent=target(server.url)).outcome == "succeeded"
    assert execute({"command": "GET / HTTP/1.1"}).detail == "the command has no address to go to"


@pytest.mark.parametrize(
    "place",
    [{"address": {}}, {"address": {"vlan": ["1"]}}, {}, {"address": {"url": []}}, {"address": {"url": [" "]}}],
)
def test_a_target_without_an_address_fails_by_its_name(place: dict[str, Any]) -> None:
    assert execute({"command": "GET / HTTP/1.1"}, {"name": "wall", **place}).detail == ("wall has no address to go to")


def asked(place: Mapping[str, Any], server: Receiver) -> str:
    """The address of a target, as seen by a server that answers under every name."""
    seen: list[str] = []

    class Noting(Outgoing):
        def request(self, method: str, url: str, *args: Any, **more: Any) -> Any:
            seen.append(url)
            return super().request(method, server.url, *args, **more)

    command = Command(kind="http-api", body={"command": "GET /x HTTP/1.1"}, targets=({"id": "t", **place},))
    HttpApi(Noting(allow_private=True), secret).execute(command)
    return seen[0]


def test_the_base_address_is_the_first_of_url_dname_ipv4_ipv6_and_https_on_443() -> None:
    every = {"ipv6": ["fd00::1"], "ipv4": ["10.0.0.1"], "dname": ["a.example"], "url": ["https://b.example:8443/base/"]}

    def without(*kinds: str) -> dict[str, Any]:
        return {kind: value for kind, value in every.items() if kind not in kinds}

    cases: list[tuple[dict[str, Any], str]] = [
        ({"address": every}, "https://b.example:8443/base/x"),
        ({"address": every, "port": "9"}, "https://b.example:8443/base/x"),
        ({"address": {"url": ["http://b.example?q=1#f"]}, "port": "9"}, "http://b.example:9/x"),
        ({"address": {"url": ["b.example"]}, "port": "443"}, "https://b.example/x"),
        ({"address": without("url")}, "http://a.example/x"),
        ({"address": without("url"), "port": "443"}, "https://a.example/x"),
        ({"address": without("url"), "port": "80"}, "http://a.example/x"),
        ({"address": without("url"), "port": "8080"}, "http://a.example:8080/x"),
        ({"address": without("url", "dname"), "port": "443"}, "https://10.0.0.1/x"),
        ({"address": without("url", "dname", "ipv4"), "port": "81"}, "http://[fd00::1]:81/x"),
    ]
    with receiver() as server:
        assert [asked(place, server) for place, _ in cases] == [url for _, url in cases]


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("GET /a?b=1&c=2 HTTP/1.1", "/a?b=1&c=2"),
        ("get get HTTP1.1", "/get"),
        ("GET /a", "/a"),
        ("GET /two words/名 HTTP/1.1", "/two%20words/%E5%90%8D"),
        ("GET /100%25#part HTTP/1.1", "/100%25"),
        ("GET //other.example/x HTTP/1.1", "/other.example/x"),
        ("GET @other.example/x HTTP/1.1", "/@other.example/x"),
    ],
)
def test_the_request_line_is_read_as_people_write_it(line: str, path: str) -> None:
    with receiver() as server:
        assert execute({"command": line}, target(server.url)).outcome == "succeeded"
    assert (server.requests[0].method, server.requests[0].path) == ("GET", path)


@pytest.mark.parametrize("line", ["", "GET", "/x", "GET http://other.example/x HTTP/1.1"])
def test_a_request_line_that_is_none_fails_before_anything_is_sent(line: str) -> None:
    with receiver() as server:
        ended = execute({"command": line}, target(server.url))
    assert (ended.outcome, server.requests) == ("failed", [])


def test_a_line_break_from_a_variable_makes_no_second_request() -> None:
    with receiver() as server:
        execute({"command": "GET /x\r\nX-Evil: 1\r\n\r\nGET /y HTTP/1.1"}, target(server.url))
        assert [came.path for came in server.requests] == ["/x%0D%0AX-Evil:%201%0D%0A%0D%0AGET%20/y"]
        ended = execute({"command": "GET /x", "headers": {"X-A": ["1\r\nX-Evil: 1"]}}, target(server.url))
    assert ended.outcome == "failed"
    assert len(server.requests) == 1


def test_content_is_text_or_base64_and_not_both() -> None:
    with receiver() as server:
        execute({"command": "POST /", "content": "名"}, target(server.url))
        execute({"command": "POST /", "content_b64": base64.b64encode(b"\x00\x01").decode()}, target(server.url))
        both = execute({"command": "POST /", "content": "a", "content_b64": "YQ=="}, target(server.url))
        bad = execute({"command": "POST /", "content_b64": "?"}, target(server.url))
    assert [came.body for came in server.requests] == ["名".encode(), b"\x00\x01"]
    assert (both.detail, bad.detail) == (
        "content and content_b64 exclude each other",
        "content_b64 is not Base64",
    )


def test_the_framing_of_a_request_is_not_the_playbooks_to_set() -> None:
    headers = {"Host": ["evil"], "Content-Length": ["1"], "Transfer-Encoding": ["chunked"], "X-Two": ["a", "b"]}
    with receiver() as server:
        execute({"command": "POST /", "content": "abc", "headers": headers}, target(server.url))
    came = server.requests[0].headers
    assert came["host"] == f"127.0.0.1:{server.port}"
    assert (came["content-length"], came["x-two"]) == ("3", "a, b")
    assert "transfer-encoding" not in came


BASIC = {"type": "http-basic", "user_id": "me", "password": "passw0rd-given"}


@pytest.mark.parametrize(
    ("info", "header"),
    [
        (BASIC, "Basic " + base64.b64encode(b"me:passw0rd-given").decode()),
        (
            {"type": "http-basic", "kms": True, "kms_key_identifier": "pair"},
            "Basic " + base64.b64encode(b"someone:passw0rd-of-pair").decode(),
        ),
        (
            {"type": "user-auth", "username": "me", "kms": True, "kms_key_identifier": "firewall"},
            "Basic " + base64.b64encode(b"me:t0psecret-token").decode(),
        ),
        (
            {"type": "oauth2", "oauth_header": "", "kms": True, "kms_key_identifier": "firewall"},
            "Bearer t0psecret-token",
        ),
        ({"type": "oauth2", "token": "abcdef"}, "Bearer abcdef"),
    ],
)
def test_a_target_is_signed_in_to_as_the_playbook_says(info: dict[str, Any], header: str) -> None:
    with receiver() as server:
        own = {"command": "GET /", "headers": {"authorization": ["mine"]}}
        execute(own, target(server.url), authentication={AUTHORISED: info})
    assert server.requests[0].headers["authorization"] == header


@pytest.mark.parametrize(
    ("info", "detail"),
    [
        (
            {"type": "oauth2", "kms": True, "kms_key_identifier": "absent"},
            "the secret absent is not set",
        ),
        (
            {"type": "http-basic", "kms": True, "kms_key_identifier": "bare"},
            "the stored secret is not USER:PASSWORD, and the playbook names no user",
        ),
        ({"type": "x-private"}, "authentication of type x-private is not supported"),
    ],
)
def test_without_its_secret_nothing_is_sent_and_the_fault_says_what_to_do(info: dict[str, Any], detail: str) -> None:
    with receiver() as server:
        ended = execute({"command": "GET /"}, target(server.url), authentication={AUTHORISED: info})
    assert (ended.outcome, ended.detail, server.requests) == ("failed", detail, [])


def test_a_secret_that_comes_back_in_another_form_is_put_out_too(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = 'pa"ss\\wörd+/&='
    monkeypatch.setitem(SECRETS, "odd", odd)
    forms = [json.dumps(odd), json.dumps(odd, ensure_ascii=False), quote(odd, safe=""), quote_plus(odd)]
    forms += [quote(odd, safe="").lower(), base64.b64encode(odd.encode()).decode(), f"x={odd}"]
    info = {"type": "http-basic", "user_id": "me", "kms": True, "kms_key_identifier": "odd"}
    with receiver(body="\n".join(forms).encode()) as server:
        ended = execute(
            {"command": "GET / HTTP/1.1"},
            target(server.url),
            authentication={AUTHORISED: info},
            out=("__http_body__",),
        )
    assert ended.variables["__http_body__"].split("\n") == ['"***"', '"***"', "***", "***", "***", "***", "x=***"]


def test_a_secret_that_the_server_sends_back_is_put_out_everywhere() -> None:
    def mirror(handler: receivers.Handler) -> None:
        content = json.dumps({"saw": handler.headers["Authorization"]}).encode()
        handler.send_response(500)
        handler.send_header("Content-Length", str(len(content)))
        handler.send_header("X-Saw", handler.headers["Authorization"])
        handler.end_headers()
        handler.wfile.write(content)

    info = {"type": "oauth2", "kms": True, "kms_key_identifier": "firewall"}
    with receiver(behave=mirror) as server:
        out = ("__http_body__", "__http_headers__", "__saw__")
        ended = execute({"command": "GET /"}, target(server.url), authentication={AUTHORISED: info}, out=out)
    assert ended.variables["__saw__"] == "Bearer ***"
    assert "t0psecret" not in repr(ended)


def test_get_put_and_delete_may_be_sent_again_and_post_and_patch_not() -> None:
    assert [is_repeatable(method) for method in ("GET", "put", "DELETE", "HEAD")] == [True] * 4
    assert [is_repeatable(method) for method in ("POST", "PATCH", "X-DO")] == [False] * 3
    executor = HttpApi(Outgoing(), secret)
    lines = ("GET / HTTP/1.1", "POST / HTTP/1.1", "nothing")
    commands = [Command(kind="http-api", body={"command": line}) for line in lines]
    assert [executor.is_repeatable(command) for command in commands] == [True, False, False]


def test_a_demonstration_sends_nothing() -> None:
    with receiver() as server:
        means = ExecutorContext(Outgoing(allow_private=True), secret, lambda host, port: ())
        executors = registry(means, is_demonstration=True)
        command = Command(kind="http-api", body={"command": "GET /"}, targets=(target(server.url),))
        assert executors["http-api"].execute(command) == CommandResult("succeeded", {}, "not sent: demonstration")
        executors = registry(means)
        assert executors["http-api"].execute(command).outcome == "succeeded"
    assert len(server.requests) == 1
