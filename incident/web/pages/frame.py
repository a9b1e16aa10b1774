"""The frame of every page: the menu, the banners, and the handling of transactions and their faults."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import flask
from flask import g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from incident.actions.playbooks.playbook_loader import PlaybookFaults
from incident.actions.unit_of_work import ResponseReplay
from incident.core.cacao.faults import CacaoError, Fault
from incident.core.cacao.words import said as said_of
from incident.core.operations.approval import approver_of
from incident.core.operations.watchdog import ADVICE, TROUBLE_WORDS
from incident.core.playbooks.command_stop import CommandSwitch
from incident.core.playbooks.task import why_words
from incident.core.values.access import may
from incident.core.values.error_messages import fill, say
from incident.core.values.faults import RuleError
from incident.store.approvals import TwoPersonRecord
from incident.store.operations import instance as instance_store
from incident.store.playbooks.command_switch import SETTING as COMMAND_SWITCH
from incident.web import i18n
from incident.web.http.errors import status_of
from incident.web.http.idempotency import new_form_token
from incident.web.i18n import gettext as _
from incident.web.instance import DEMONSTRATION, current_instance, now
from incident.web.monitoring.watchdog_status import watchdog_status
from incident.web.pages.department_picker import with_shared_names
from incident.web.pages.flash_messages import said_words
from incident.web.pages.navigation.menu import menu_links
from incident.web.pages.navigation.waiting import WaitingCounts, count_all_waiting
from incident.web.security.auth import Caller, caller

Page = str | Response | tuple[str, int]

CLOCK_LIMIT = dt.timedelta(seconds=10)
"""The largest age of a clock's last tick before every page warns that no clock runs."""

SHOWN_SETTINGS: Final = (DEMONSTRATION, COMMAND_SWITCH)
"""The instance settings that every page shows."""


@dataclass(frozen=True)
class ClockState:
    """Whether a clock runs for this instance, and the time of its last tick."""

    is_missing: bool
    last_at: dt.datetime | None
    ago: str


@dataclass(frozen=True)
class FormFaults:
    """A fault as a page shows it; `place` is its pointer, which no page shows.

    `short` is what is said beside its field, where that differs.
    """

    words: str
    place: str
    code: str
    is_warning: bool = False
    short: str | None = None

    @property
    def field(self) -> str | None:
        """The id of the field beside which this page shows it; known once the page's own part is rendered."""
        return _shown_faults().get(self.place, (None, None))[0]

    @property
    def label(self) -> str | None:
        """The label of that field."""
        return _shown_faults().get(self.place, (None, None))[1]


def _shown_faults() -> dict[str, tuple[str | None, str | None]]:
    """Return the id and the label of the field beside which each fault is shown, by its pointer."""
    shown: dict[str, tuple[str | None, str | None]] = g.setdefault("shown_faults", {})
    return shown


def register(app: flask.Flask) -> None:
    """Provide every template with the data of the frame."""
    app.context_processor(_context)
    app.jinja_env.globals.update(faulty=field_errors, may=is_permitted, may_confirm=may_confirm, why=_why)
    app.jinja_env.globals.update(form_token=new_form_token)


def _context() -> dict[str, Any]:
    is_plain = g.get("is_plain", False)
    asking = None if is_plain else caller()
    settings, ticked_at = ({}, None) if is_plain else instance_store.settings_and_last_tick(SHOWN_SETTINGS, now())
    waiting = count_all_waiting(asking) if asking else None
    return {
        "caller": asking,
        "clock_state": None if is_plain else _clock_state(ticked_at),
        "fault": form_errors(),
        "here_path": request.full_path.rstrip("?") if request.method == "GET" else request.path,
        "is_demonstration": bool(settings.get(DEMONSTRATION)),
        "menu": menu_links(asking, waiting) if asking and waiting else [],
        "now_seconds": int(now().timestamp()),
        "unread": _unread(asking, waiting),
        "is_part": "HX-Request" in request.headers,
        "late": [] if asking is None else _late(),
        "stopped": _command_stop(asking, settings.get(COMMAND_SWITCH)),
        "said": said_words(request.args.get("said")),
        "zone_name": current_instance().settings.timezone,
    }


def _unread(asking: Caller | None, waiting: WaitingCounts | None) -> int | None:
    """Return how much is new to a person; None for those without a notification centre."""
    if asking is None or waiting is None or asking.person_id is None or not may(asking.viewer.role, "notice.read"):
        return None
    return waiting.unread


def _late() -> list[tuple[str, str]]:
    """Return the faults of the system itself and their remedies: shown to everybody, as no time is reliable then."""
    return [(fill(_(TROUBLE_WORDS[one.code]), one.arguments), _(ADVICE[one.code])) for one in watchdog_status().grave]


def _command_stop(asking: Caller | None, stored: Mapping[str, Any] | None) -> CommandSwitch | None:
    """Return the stop of all machine commands for those who may lift it, None when there is none."""
    if asking is None or not may(asking.viewer.role, "command.stop"):
        return None
    switch = CommandSwitch.from_json(stored)
    return switch if switch.is_stopped else None


def _why(code: str) -> str:
    """Return the reasons why people do an automated step."""
    return why_words(code, _)


def is_permitted(permission: str) -> bool:
    """Return whether the viewer has a permission at all."""
    asking = caller()
    return asking is not None and may(asking.viewer.role, permission)


def may_confirm(record: TwoPersonRecord) -> bool:
    """Return whether the viewer may be the second person of a record that waits for one."""
    asking = caller()
    if asking is None or asking.person_id is None or not is_permitted("incident.change"):
        return False
    return approver_of(record.proposed_by) != asking.owner


def clock_state() -> ClockState:
    """Return whether a clock runs, by its heartbeats."""
    return _clock_state(instance_store.last_tick_at(now()))


def _clock_state(last_at: dt.datetime | None) -> ClockState:
    if last_at is None:
        return ClockState(not current_instance().has_clock, None, "")
    return ClockState(now() - last_at > CLOCK_LIMIT, last_at, i18n.ago(last_at, now()))


def render(template: str, status: int = 200, **values: Any) -> tuple[str, int]:
    """Render a page."""
    return render_template(template, **values), status


def submit(
    use_case: Callable[[], object],
    again: Callable[[], Page],
    to: Callable[[], str],
    said: str | Callable[[], str],
) -> Page:
    """Run a use case and redirect; if refused, show the page again with fault and typed values.

    A form that was sent before is not done again, and redirects as the first time.

    Args:
        use_case: the action to run.
        again: renders the page with the form.
        to: the address of the redirect after success.
        said: the code of the message shown there, or a function that returns it after success.
    """
    try:
        with suppress(ResponseReplay):  # the button was pressed twice
            use_case()
    except RuleError as fault:
        g.faults = with_shared_names(fault.all)
        return _refused(again(), status_of(fault))
    except (PlaybookFaults, CacaoError) as refused:
        g.playbook_faults = refused.faults
        return _refused(again(), 422)
    return redirect_with_flash(to(), said() if callable(said) else said)


def _refused(page: Page, status: int) -> Page:
    answer = make_response(page)
    answer.status_code = status
    return answer


def redirect_with_flash(url: str, said: str | None = None) -> Response:
    """Redirect to another page, which shows a message."""
    path, mark, fragment = url.partition("#")
    if said:
        path = f"{path}{'&' if '?' in path else '?'}said={said}"
    return redirect(f"{path}{mark}{fragment}", 303)


def form_errors() -> list[FormFaults]:
    """Return the faults of this request as text."""
    found: tuple[RuleError, ...] = g.get("faults", ())
    in_playbook: Sequence[Fault] = g.get("playbook_faults", ())
    return [_form_fault(one) for one in found] + [_playbook_fault(one) for one in in_playbook]


def _form_fault(fault: RuleError) -> FormFaults:
    return FormFaults(say(fault.code, _shown(fault), _), fault.pointer, fault.code)


def _shown(fault: RuleError) -> Mapping[str, Any]:
    """Return the arguments of a fault for people: runs and tasks by name, without their ids."""
    if fault.code != "incident.has_live_work":
        return fault.arguments
    return {
        kind: [i18n.spoken(one.partition(": ")[2]) for one in fault.arguments[kind]] or ["–"]
        for kind in ("runs", "tasks")
    }


ANSWER_FAULTS: Final = {
    "integer": "document.not_a_number",
    "long": "document.not_a_number",
    "float": "mapping.number",
    "bool": "value.truth",
}
"""The fault of a mistyped answer beside its question, by the type of its variable."""


def _playbook_fault(fault: Fault) -> FormFaults:
    what, hint = said_of(fault, _)
    return FormFaults(f"{what} {hint}".strip(), fault.pointer, fault.code, not fault.is_error, _beside_question(fault))


def _beside_question(fault: Fault) -> str | None:
    """Return what is said of an answer beside its question; the sentence for others names the variable."""
    if fault.code == "value_missing":
        return say("document.missing", {}, _)
    if fault.code == "value_mistyped":
        return say(ANSWER_FAULTS.get(str(fault.args.get("type")), "value.mistyped"), {}, _)
    return None


def field_errors(place: str, field: str | None = None, label: str | None = None) -> list[str]:
    """Return the faults of one field, named by its pointer or by its first part.

    Args:
        place: the pointer, or its first part.
        field: the id of the field beside which they are shown, which the summary then links to.
        label: its label, which the summary then names.
    """
    wanted = place if place.startswith("/") else f"/{place}"
    found = [one for one in form_errors() if one.place == wanted or one.place.startswith(f"{wanted}/")]
    if field is not None:
        _shown_faults().update({one.place: (field, label) for one in found})
    return [one.short or one.words for one in found]
