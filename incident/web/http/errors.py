"""Turns every fault into a response: problem details for programs (RFC 9457), a page for people."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import flask
import structlog
from flask import Response, current_app, request
from flask_babel import gettext
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from incident import watchdog_state
from incident.actions.playbooks.playbook_loader import PlaybookFaults
from incident.actions.unit_of_work import IdempotencyKeyReused
from incident.core.cacao.faults import CacaoError, Fault
from incident.core.cacao.words import said
from incident.core.values.error_messages import N_, fill, say
from incident.core.values.faults import RuleError
from incident.store.db.database import to_json
from incident.store.db.outage import Outage, driver_words, outage_of
from incident.web.instance import current_instance, now
from incident.web.security.failed_sign_ins import log_failed_sign_in

API: Final = "/api/"
PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
PROBLEM: Final = "application/problem+json"

STATUS_OF_KIND: Final = {
    "invalid": 422,
    "conflict": 409,
    "forbidden": 403,
    "not_found": 404,
    "gone": 410,
    "unavailable": 503,
}
STATUS_OF_CODE: Final = {
    "form.changed_meanwhile": 412,
    "idempotency_key.malformed": 400,
    "media_type.unknown": 415,
    "media_type.not_calendar": 415,
    "payload.bad_number": 400,
    "payload.doubled_member": 400,
    "payload.not_json": 400,
    "payload.not_utf8": 400,
    "payload.too_deep": 400,
    "sign_in.too_often": 429,
    "sign_in.too_soon": 429,
    "throttle.too_often": 429,
    "version.needed": 428,
    "version.stale": 412,
}
"""Faults with a more specific status than that of their kind."""

UNREADABLE: Final = frozenset({"json_malformed", "yaml_malformed", "not_utf8"})
"""Faults of a text that cannot be parsed as a document."""

RETRY_AFTER_OF_STATUS: Final = {429: "60", 503: "2"}
"""Delay (s) after which a refused request may be sent again."""

HTTP_WORDS: Final = {
    400: N_("The request cannot be understood. Check it against the description of the API."),
    401: N_("Show who you are: send the header `Authorization: Bearer TOKEN`, or sign in."),
    403: N_("Your role does not allow this. Ask a coordinator or an administrator."),
    404: N_("There is nothing at this address, or you do not have permission to see it. Check the address."),
    405: N_("This address does not accept the method {method}. It accepts: {allowed}."),
    408: N_("The request took too long to arrive. Send it again."),
    410: N_("This is no longer available."),
    413: N_("The request is too large. The limit is {limit} bytes."),
    415: N_("This kind of content is not accepted here. Send JSON with `Content-Type: application/json`."),
    421: N_("This server does not answer for that host name. Use the address that the administrator gave you."),
    429: N_("Too many requests. Wait a moment and try again."),
    500: N_(
        "Something went wrong on our side, and it has been recorded. Try again, or tell your administrator the time."
    ),
    503: N_("The database is not responding. Try again in a moment."),
}

OUTAGES: Final[Mapping[Outage, tuple[str, str, str]]] = {
    "away": (HTTP_WORDS[503], "http.503", "2"),
    "full": (
        N_("The disk is full, so nothing can be saved. You can still read. Try again when there is space."),
        "storage.full",
        "10",
    ),
    "read_only": (
        N_("The database cannot save changes at the moment. You can still read. Try again in a moment."),
        "storage.read_only",
        "10",
    ),
    "damaged": (
        N_("The database is damaged, and an administrator must repair it. Until then, write things down on paper."),
        "storage.damaged",
        "60",
    ),
}
"""Failures of the system: the message, the code, and the delay (s) before a retry."""


@dataclass(frozen=True)
class ProblemDetails:
    """The fault in the response.

    `code` names the fault for programs, `detail` says what to do, `errors` names each location.
    """

    status: int
    code: str
    detail: str
    errors: Sequence[Mapping[str, Any]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The phrase of the status."""
        return HTTPStatus(self.status).phrase


Page = Callable[[ProblemDetails], flask.typing.ResponseReturnValue]


def register(app: flask.Flask, page: Page | None = None) -> None:
    """Register handlers for every fault.

    Args:
        app: the app.
        page: renders the page for people; without one they get the same response as programs.
    """
    foreseen: tuple[type[Exception], ...] = (
        RuleError,
        CacaoError,
        PlaybookFaults,
        IdempotencyKeyReused,
        HTTPException,
        DataError,
    )
    for kind in foreseen:
        app.register_error_handler(kind, lambda error: problem_response(problem_of(error), page))
    app.register_error_handler(Exception, lambda error: problem_response(_of_fault(error), page))
    app.after_request(_say_when_to_try_again)


def _say_when_to_try_again(answer: Response) -> Response:
    """Set Retry-After on every response that asks for a later retry, including a page that shows its form again."""
    if answer.status_code in RETRY_AFTER_OF_STATUS:
        faults: tuple[RuleError, ...] = flask.g.get("faults", ())
        asked = next((_retry_after(one) for one in faults), None)
        answer.headers.setdefault("Retry-After", asked or RETRY_AFTER_OF_STATUS[answer.status_code])
    return answer


def is_for_programs() -> bool:
    """Return whether this request was for the API or a probe, which receive problem details."""
    return request.path.startswith(API) or request.path in PROBES


def problem_response(problem: ProblemDetails, page: Page | None = None) -> Response:
    """Return the response for a problem: problem details, or the page for people."""
    if page is not None and not is_for_programs():
        made = current_app.make_response(page(problem))
        if made.status_code == 200:
            made.status_code = problem.status
    else:
        made = Response(to_json(document_of(problem)), problem.status, content_type=PROBLEM)
    made.headers.update(problem.headers)
    return made


def document_of(problem: ProblemDetails) -> dict[str, Any]:
    """Return a problem in the format of RFC 9457 section 3, with `code` and `errors` in addition."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.path,
        "code": problem.code,
    }
    if problem.errors:
        document["errors"] = list(problem.errors)
    return document


def problem_of(error: Exception) -> ProblemDetails:
    """Return the problem of an exception."""
    match error:
        case RuleError():
            log_failed_sign_in(error)
            return _of_rule(error)
        case PlaybookFaults():
            return _of_playbook(error.faults)
        case CacaoError():
            return _of_playbook(error.faults)
        case IdempotencyKeyReused():
            return _of_rule(RuleError("idempotency_key.other_request"))
        case HTTPException():
            return _of_http(error)
    structlog.get_logger().warning("the database refused a value", error=str(error))
    return _of_rule(RuleError("document.does_not_fit"))


def status_of(fault: RuleError) -> int:
    """Return the status of a broken rule."""
    return STATUS_OF_CODE.get(fault.code, STATUS_OF_KIND[fault.kind])


def _of_rule(fault: RuleError) -> ProblemDetails:
    status = status_of(fault)
    errors = [_placed(one) for one in fault.all] if fault.pointer or fault.others else []
    errors += _work_left(fault)
    detail = say(fault.code, fault.arguments, gettext)
    if len(fault.all) == 1 and fault.pointer:
        detail = f"{fault.pointer}: {detail}"
    elif fault.others:
        detail = fill(gettext("There are {count} faults. `errors` lists each with its place."), {"count": len(errors)})
    wait = _retry_after(fault)
    return ProblemDetails(status, fault.code, detail, errors, {"Retry-After": wait} if wait else {})


def _retry_after(fault: RuleError) -> str | None:
    """Return the delay (s) after which a retry is useful."""
    seconds = fault.arguments.get("retry_after")
    return None if seconds is None else str(seconds)


def _placed(fault: RuleError) -> dict[str, Any]:
    """One location and its fault; a parameter of the address has no pointer."""
    members = {"code": fault.code, "detail": say(fault.code, fault.arguments, gettext)}
    if fault.pointer.startswith("?"):
        return {"parameter": fault.pointer[1:], "field": fault.pointer[1:], **members}
    parts = [part.replace("~1", "/").replace("~0", "~") for part in fault.pointer.split("/")[1:]]
    return {"pointer": fault.pointer, "field": ".".join(parts), **members}


def _work_left(fault: RuleError) -> list[dict[str, Any]]:
    """Each run and task that prevents the closing of an incident, by its id and its name."""
    if fault.code != "incident.has_live_work":
        return []
    found: list[dict[str, Any]] = []
    for kind, word in (("runs", "name"), ("tasks", "title")):
        for one in fault.arguments[kind]:
            number, _, name = one.partition(": ")
            detail = (
                gettext("This run is still in progress.") if kind == "runs" else gettext("This task is still open.")
            )
            found.append({kind[:-1]: int(number), word: name, "code": f"{kind[:-1]}.is_live", "detail": detail})
    return found


def _of_playbook(faults: Sequence[Fault]) -> ProblemDetails:
    errors = [fault_document(fault) for fault in faults]
    count = sum(fault.is_error for fault in faults)
    words = gettext("The playbook has {count} faults and was not accepted. `errors` lists each with its place.")
    is_unreadable = any(fault.code in UNREADABLE for fault in faults)
    return ProblemDetails(400 if is_unreadable else 422, "playbook.refused", fill(words, {"count": count}), errors)


def fault_document(fault: Fault) -> dict[str, Any]:
    """Describe a fault of a playbook with its location and the clause that it breaks."""
    return {
        "pointer": fault.pointer,
        "severity": fault.severity,
        "code": fault.code,
        "detail": " ".join(filter(None, said(fault, gettext))),
        "clause": fault.clause,
    }


def _of_http(error: HTTPException) -> ProblemDetails:
    status = error.code or 500
    headers: dict[str, str] = {}
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    arguments: dict[str, Any] = {
        "method": request.method,
        "allowed": ", ".join(sorted(getattr(error, "valid_methods", None) or ())),
    }
    if isinstance(error, RequestEntityTooLarge):
        arguments["limit"] = request.max_content_length
    words = HTTP_WORDS.get(status)
    detail = fill(gettext(words), arguments) if words else HTTPStatus(status).phrase
    return ProblemDetails(status, f"http.{status}", detail, headers=headers)


def _of_fault(error: Exception) -> ProblemDetails:
    outage = outage_of(error)
    if outage is None:
        return _unforeseen(error)
    words, code, wait = OUTAGES[outage]
    if outage == "damaged":
        watchdog_state.note_damage(current_instance().settings.home, driver_words(error), now())
    structlog.get_logger().error("a request failed because of the database", outage=outage, error=driver_words(error))
    return ProblemDetails(503, code, gettext(words), headers={"Retry-After": wait})


def _unforeseen(error: Exception) -> ProblemDetails:
    structlog.get_logger().error("an unexpected fault", path=request.path, exc_info=error)
    return ProblemDetails(500, "http.500", gettext(HTTP_WORDS[500]))
