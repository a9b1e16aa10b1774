"""The command http-api (CACAO 2.0 section 5, P13): one request to each target."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from incident.core.playbooks.endpoint import first_address
from incident.executors.authentication import SignIn, SignInError, secret_named, sign_in
from incident.executors.command import Command, CommandResult, Definition, ExecutorContext, Secret, SecretRefused
from incident.executors.deadline import Deadline
from incident.executors.results import decoded, missing, results
from incident.outgoing import MEBIBYTE, HttpResponse, Outgoing, OutgoingError, origin_of

KIND = "http-api"
# GET, PUT and DELETE by P14; HEAD and OPTIONS are as harmless as GET (RFC 9110 section 9.2.2).
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
# Framing is ours: a playbook that could set it could smuggle a second request.
_OWN_HEADERS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect"}
)
_START_LINE = re.compile(r"\s*([A-Za-z]+)\s+(.+?)(?:\s+HTTP/?[0-9.]+)?\s*", re.DOTALL)
_PATH_SAFE = "/?&=%:@!$'()*+,;~-._[]"
# Each request has the limit of the way out; this bounds nothing more than what is asked of the deadline.
_MAX_REQUEST = 3600.0


class UnfitError(Exception):
    """The command cannot be turned into a request; the text holds no secret."""


@dataclass(frozen=True, slots=True)
class Request:
    """The request: `path` with its query, percent-encoded; `content` None for no body."""

    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes | None


class HttpApi:
    """Sends requests through the hardened HTTP client, without retries.

    Args:
        outgoing: the HTTP client.
        secret: returns a stored secret by its name and the origin of the request; raises SecretRefused.
    """

    kind = KIND

    def __init__(self, outgoing: Outgoing, secret: Secret) -> None:
        self._outgoing = outgoing
        self._secret = secret

    def execute(self, command: Command) -> CommandResult:
        """Send to each target in turn until one fails; a later response's variables replace an earlier one's."""
        if not command.places:
            return CommandResult("failed", {}, "the command has no address to go to")
        variables: dict[str, str] = {}
        details: list[str] = []
        deadline = Deadline(command.limit)
        for place in command.places:
            ended = self._ask(command, place, deadline)
            variables.update(ended.variables)
            details.append(ended.detail)
            if ended.outcome == "failed":
                return CommandResult("failed", variables, "; ".join(details))
        return CommandResult("succeeded", variables, "; ".join(details))

    def is_repeatable(self, command: Command) -> bool:
        """Return whether the method is one of P14 that is repeated after a crash."""
        found = _START_LINE.fullmatch(str(command.body.get("command", "")))
        return found is not None and is_repeatable(found[1])

    def request_of(self, body: Definition) -> Request:
        """Return the request of a command object; raises UnfitError."""
        return read_request(body)

    def _ask(self, command: Command, place: Definition, deadline: Deadline) -> CommandResult:
        try:
            request = self.request_of(command.body)
            base = _base(place)
            url = base + request.path
            info = command.authentication.get(str(place.get("id")))
            signed = sign_in(info, lambda name: self._secret(name, origin_of(url)))
        except (UnfitError, SignInError, SecretRefused, OutgoingError) as error:
            return CommandResult("failed", {}, str(error))
        headers = dict(request.headers)
        if signed.header is not None:
            headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
            headers["Authorization"] = signed.header
        where = f"{request.method} {urlsplit(base).netloc}"
        if deadline.is_over:
            return CommandResult("failed", {}, f"{where}: not sent, the time of the step is over")
        left = deadline.left(_MAX_REQUEST)
        try:
            answer = self._outgoing.request(request.method, url, headers, request.content, is_fresh=True, within=left)
        except OutgoingError as error:
            return CommandResult("failed", {}, signed.hide(f"{where}: {error.detail}"))
        return _ended(answer, command.out, signed, where)


def make(means: ExecutorContext) -> HttpApi:
    """Return the executor of http-api."""
    return HttpApi(means.outgoing, means.secret)


def secret_use(place: Definition, info: Definition | None) -> tuple[str, str] | None:
    """Return the name of the secret for a request to a target or agent, and the origin it goes to.

    None without a stored secret, and for an invalid address.
    """
    name = secret_named(info)
    if name is None:
        return None
    try:
        return name, origin_of(_base(place))
    except (UnfitError, OutgoingError):
        return None


def is_repeatable(method: str) -> bool:
    """Return whether a request of this method may be repeated when its execution is unknown (P14)."""
    return method.upper() in REPEATABLE


def read_request(body: Definition) -> Request:
    """Return the request of an HTTP command object; raises UnfitError."""
    found = _START_LINE.fullmatch(str(body.get("command", "")))
    if found is None:
        raise UnfitError("the command is not METHOD PATH HTTP/1.1")
    method, target = found[1].upper(), found[2]
    if "://" in target.partition("?")[0]:
        raise UnfitError("the request line needs a path; the address stands in the target")
    path = quote(target.partition("#")[0], safe=_PATH_SAFE)
    return Request(method, path if path.startswith("/") else f"/{path}", dict(_headers(body)), _content(body))


def _headers(body: Definition) -> Iterator[tuple[str, str]]:
    given = body.get("headers") or {}
    if not isinstance(given, Mapping):
        raise UnfitError("headers is not an object")
    for name, values in given.items():
        if name.lower() not in _OWN_HEADERS:
            yield name, values if isinstance(values, str) else ", ".join(str(value) for value in values)


def _content(body: Definition) -> bytes | None:
    content, encoded = body.get("content"), body.get("content_b64")
    if content is not None and encoded is not None:
        raise UnfitError("content and content_b64 exclude each other")
    if encoded is None:
        return None if content is None else str(content).encode("utf-8", "replace")
    try:
        return base64.b64decode(str(encoded), validate=True)
    except (binascii.Error, ValueError):
        raise UnfitError("content_b64 is not Base64") from None


def _base(place: Definition) -> str:
    """Return a target's address: the first of url, dname, ipv4, ipv6; https on port 443, else http (P13)."""
    kind, address = _address(place)
    port = str(place.get("port") or "")
    if port and not (port.isascii() and port.isdigit()):
        raise UnfitError("the target's port is not a number")
    if kind == "url" and "://" in address:
        return _with_port(address, port).rstrip("/")
    host = f"[{address}]" if kind == "ipv6" else address.rstrip("/")
    if port in {"", "80"}:
        return f"http://{host}"
    return f"https://{host}" if port == "443" else f"http://{host}:{port}"


def _with_port(url: str, port: str) -> str:
    parts = urlsplit(url)
    if port and parts.netloc and not re.search(r":[0-9]+$", parts.netloc):
        parts = parts._replace(netloc=f"{parts.netloc}:{port}")
    return parts._replace(query="", fragment="").geturl()


def _address(place: Definition) -> tuple[str, str]:
    found = first_address(place)
    if found is None:
        raise UnfitError(f"{place.get('name') or place.get('id') or 'the target'} has no address to go to")
    return found


def _ended(answer: HttpResponse, out: tuple[str, ...], signed: SignIn, where: str) -> CommandResult:
    text = signed.hide(decoded(answer.body))
    own = {
        "__http_status__": str(answer.status),
        "__http_headers__": signed.hide(json.dumps(dict(answer.headers), ensure_ascii=False)),
        "__http_body__": text,
    }
    variables = results(own, text, out)
    detail = f"{where}: {answer.status}"
    if 300 <= answer.status < 400:
        detail += ", redirects are not followed"
    if answer.is_cut:
        detail += f", the answer was cut at {MEBIBYTE >> 20} MiB"
    detail += missing(variables, out)
    return CommandResult("succeeded" if 200 <= answer.status < 300 else "failed", variables, detail)
