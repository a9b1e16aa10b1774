"""Starting a playbook on an incident, after a page with whom it asks, its variables and manual commands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import current_app, make_response, request, url_for
from werkzeug.exceptions import NotFound

from incident.actions.incidents import proposing
from incident.actions.playbooks import manual_fallback, playbook_loader, signatures, start_requests
from incident.actions.playbooks import runs as use_cases
from incident.actions.playbooks.approval_status import ApprovalStatus, approval_status
from incident.core.cacao import Fault, PlaybookBundle, StartRefused, bundle_faults, start, startable
from incident.core.incidents.incident import REASON_LIMIT
from incident.core.playbooks.question import Question, question_of
from incident.core.values.faults import RuleError
from incident.core.values.text import one_line
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.playbooks.playbooks import Playbook, current_playbook
from incident.store.playbooks.runs import Run
from incident.store.queries.start_requests import StartRequest
from incident.web.i18n import current
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, redirect_with_flash, render, submit
from incident.web.pages.incident_forms import address, again, submit_on
from incident.web.pages.playbooks.library import asked_departments
from incident.web.pages.playbooks.runs import VARIABLE, typed_variables
from incident.web.security import access, starts
from incident.web.security.auth import needs, require_caller

SEEN = "seen"
"""Marks the form of the page that is shown before a start."""


@dataclass(frozen=True)
class Before:
    """Information before the start of a playbook: obstacles, required values, manual work.

    `by_hand` are the commands that people will carry out: name of the step, kind, and the code of the reason, if known.
    `approval` says whether it waits until two people have approved it.
    """

    faults: Sequence[Fault]
    asked: Sequence[Question]
    by_hand: Sequence[tuple[str, str, str]]
    approval: ApprovalStatus


@pages.post("/incidents/<number>/runs")
@needs("run.start_proposed")
def start_run_form(number: str) -> Page:
    """Start a playbook on an incident, after a page that shows whom it will ask and which values it needs."""
    found = access.visible_incident(number)
    row = _named(request.form.get("playbook", ""))
    if row is not None and SEEN not in request.form:
        return redirect_with_flash(url_for("pages.new_run", number=number, playbook=row.cacao_id))

    made: list[Run | StartRequest] = []

    def use_case() -> None:
        form = Form()
        playbook = form.needed("playbook", 200)
        form.finish()
        starts.startable_playbook(playbook, proposing.said_by(found))
        made.append(use_cases.start_run(found.id, playbook, typed_variables(), require_caller().actor, now()))

    def refused() -> Page:
        return again(found) if row is None or SEEN not in request.form else _new_run(found, row)

    return submit(
        use_case,
        refused,
        lambda: address(found, "runs"),
        lambda: "started" if isinstance(made[0], Run) else "scheduled",
    )


@pages.get("/incidents/<number>/runs/new")
@needs("run.start_proposed")
def new_run(number: str) -> Page:
    """Show the variables of a playbook and its manual commands, before it is started."""
    return _new_run(access.visible_incident(number), access.visible_playbook(request.args.get("playbook", "")))


@pages.post("/incidents/<number>/start-requests")
@needs("run.start_proposed")
def request_start_form(number: str) -> Page:
    """Request the start of a playbook from people who may start it."""
    found = access.visible_incident(number)

    def use_case() -> None:
        form = Form()
        playbook, note = form.needed("requested", 200), form.text("request_note", REASON_LIMIT)
        form.finish()
        named = starts.requestable_playbook(playbook, proposing.said_by(found))
        start_requests.request_start(found.id, named, note, require_caller().actor, now())

    return submit_on(found, use_case, "requested", "runs")


@pages.post("/start-requests/<int(max=2147483647):request_id>/decline")
@needs("run.start")
def decline_request_form(request_id: int) -> Page:
    """Decline a request to start a playbook."""
    row = starts.visible_start_request(request_id)
    found = db.session.get_one(Incident, row.incident_id)

    def use_case() -> None:
        form = Form()
        reason = form.needed("decline_reason", REASON_LIMIT)
        form.finish()
        start_requests.decline_request(request_id, reason, require_caller().actor, now())

    return submit_on(found, use_case, "request_declined", "runs")


def _named(playbook_id: str) -> Playbook | None:
    return current_playbook(playbook_id) if playbook_id.isprintable() else None


def _new_run(found: Incident, row: Playbook) -> Page:
    typed = {name: value for name, value in request.form.items() if name.startswith(VARIABLE)}
    may_start = bool(proposing.startable(access.viewer().role, [row], proposing.said_by(found)))
    people = () if may_start else proposing.able_people()
    return render(
        "runs/new.html",
        asked=asked_departments(row),
        before=before_start(row),
        given=request.form,
        it=found,
        may_start=may_start,
        people=people,
        row=row,
        typed=typed,
    )


@pages.get("/playbooks/<playbook_id>/start")
@needs("run.start_proposed")
def choose_incident(playbook_id: str) -> Page:
    """Go on to the start of a playbook on the incident whose number was typed."""
    row = access.visible_playbook(playbook_id)
    number = request.args.get("number", "").strip().upper()

    def use_case() -> None:
        try:
            access.visible_incident(number)
        except NotFound:
            raise RuleError("incident.no_such_number", {"number": one_line(number, 40)}, pointer="/number") from None

    def again() -> Page:
        return make_response(current_app.view_functions["pages.playbook"](playbook_id=row.cacao_id))

    to = url_for("pages.new_run", number=number, playbook=row.cacao_id)
    return submit(use_case, again, lambda: to, "")


def before_start(row: Playbook) -> Before:
    """Return the information to show before a playbook starts."""
    bundle = playbook_loader.bundle_for(row)
    faults = [fault for one in (bundle.main, *bundle.called.values()) if (fault := startable(one, now()))]
    faults += signatures.start_faults(bundle, now())
    faults += [fault for fault in bundle_faults(bundle) if fault.is_error]
    asked = [question_of(bundle.main, one, current()) for one in bundle.main.externals.values()]
    return Before(faults, asked, list(_by_hand(bundle)), approval_status(bundle, use_cases.PROFILE, now()))


def value_faults(row: Playbook) -> list[Fault]:
    """Return the faults of the typed values of a playbook's variables."""
    try:
        start(playbook_loader.bundle_for(row), typed_variables(), now(), use_cases.PROFILE)
    except StartRefused as refused:
        return [fault for fault in refused.faults if fault.pointer.startswith("/playbook_variables/")]
    return []


def _by_hand(bundle: PlaybookBundle) -> Iterator[tuple[str, str, str]]:
    steps = {step.id: step for one in (bundle.main, *bundle.called.values()) for step in one.steps.values()}
    for fault in manual_fallback.warnings_of(bundle, use_cases.PROFILE):
        step = steps[fault.pointer.split("/")[2]]
        kind = str(fault.args["type"])
        yield step.name or step.description or kind, kind, str(fault.args.get("why") or "")
