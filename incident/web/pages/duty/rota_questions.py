"""A rota by three questions: who, how long each, and from when, with a preview of two weeks."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import request, url_for

from incident.actions.directory import rotas as use_cases
from incident.actions.notifications import on_duty
from incident.actions.notifications.duty_readiness import unready_people
from incident.core.duty.rota import Rota
from incident.core.values.faults import RuleError, raise_all
from incident.core.values.local_time import wall_of
from incident.store.directory.departments import Department
from incident.store.directory.members import members_of
from incident.store.duty import rotas as store
from incident.web.i18n import gettext as _
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.duty.duty_weeks import weeks
from incident.web.pages.duty.rotation_form import HANDOVER_USUAL, read_every, read_first_day
from incident.web.pages.forms import Form, typed_daytime
from incident.web.pages.frame import Page, render, submit
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

WEEKS_SHOWN: Final = 2
LENGTHS: Final = (1, 7, 14)
"""The offered lengths of a turn, in days; the form of rotations takes any."""


@dataclass(frozen=True)
class Candidate:
    """A person who may take turns, in the order in which the form shows them."""

    login: str
    name: str
    is_chosen: bool


@pages.get("/departments/<code>/rota/questions")
@needs("rota.write")
def ask_for_rota(code: str) -> Page:
    """Ask who takes turns, how long each turn lasts, and from when."""
    return _show(access.visible_department(code), _typed_before(access.visible_department(code)))


@pages.post("/departments/<code>/rota/questions")
@needs("rota.write")
def answer_for_rota(code: str) -> Page:
    """Preview the rota of the answers, or store it; overrides and leave are kept."""
    department = access.visible_department(code)
    typed = _typed(department)
    if request.form.get("step") == "preview":
        return _show(department, typed)

    def use_case() -> None:
        form = Form()
        version = form.number("version")
        document = use_cases.rota_of(department.id).to_json() | {"rotations": [_rotation(typed)]}
        rota = form.finished("rotations", lambda: _rota(document))
        use_cases.put_rota(department.id, rota, version, require_caller().actor, now())

    return submit(use_case, lambda: _show(department, typed), lambda: url_for("pages.rota", code=code), "changed")


def _rota(document: Mapping[str, Any]) -> Rota:
    """Return the rota of the answers; its faults are at their questions."""
    try:
        return Rota.from_json(document)
    except RuleError as fault:
        raise_all(_at_question(one) for one in fault.all)
        raise


def _at_question(fault: RuleError) -> RuleError:
    """Return a fault of the rota with the words and the place of its question."""
    return RuleError("rota.nobody", pointer="/person") if fault.pointer == "/rotations/0/people" else fault


def _typed_before(department: Department) -> dict[str, Any]:
    """Return the answers that make the present rota, or proposals when there is none."""
    rotations = use_cases.rota_of(department.id).rotations
    if rotations:
        one = rotations[0]
        return {"people": list(one.people), "every": one.every, "starts_on": one.starts_on.isoformat()} | {
            "handover": f"{one.handover:%H:%M}"
        }
    people = [one.person.login for one in members_of(department.id) if one.person.is_active]
    return {"people": people, "every": 7, "starts_on": next_monday(department).isoformat(), "handover": HANDOVER_USUAL}


def next_monday(department: Department) -> dt.date:
    """Return the first Monday from today on, by the clock of a department."""
    today = wall_of(now(), on_duty.wall_clock_of(department).zone).date()
    return today + dt.timedelta(days=-today.weekday() % 7)


def _typed(department: Department) -> dict[str, Any]:
    return {
        "people": list(dict.fromkeys(filter(None, request.form.getlist("person")))),
        "every": read_every(request.form.get("every", "")),
        "starts_on": read_first_day(request.form.get("starts_on", ""), next_monday(department)),
        "handover": typed_daytime(request.form.get("handover", "")) or HANDOVER_USUAL,
    }


def _rotation(typed: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": _("Rota"), "days": "all", "beside": False, **typed}


def _show(department: Department, typed: Mapping[str, Any]) -> Page:
    row = store.rota_of(department.id)
    members = {one.person.login: one.person.name for one in members_of(department.id) if one.person.is_active}
    chosen = [login for login in typed["people"] if login in members]
    shown = [Candidate(login, members[login], login in chosen) for login in dict.fromkeys([*chosen, *members])]
    plan, fault = _planned(department, typed)
    return render(
        "departments/rota_questions.html",
        candidates=shown,
        department=department,
        fault_of_preview=fault,
        lengths=[*LENGTHS, *([] if typed["every"] in LENGTHS else [typed["every"]])],
        replaced=len(use_cases.rota_of(department.id).rotations),
        typed=typed,
        unready=unready_people(department.id, typed["people"]),
        version=0 if row is None else row.version,
        weeks=weeks(plan, WEEKS_SHOWN, _from(plan, now())) if plan else (),
    )


def _planned(department: Department, typed: Mapping[str, Any]) -> tuple[on_duty.Plan | None, bool]:
    """Return the plan that the answers make, and whether they cannot be read; None without anybody."""
    if not typed["people"]:
        return None, False
    try:
        rota = Rota.from_json(use_cases.rota_of(department.id).to_json() | {"rotations": [_rotation(typed)]})
    except RuleError:
        return None, True
    return on_duty.plan_with(department, rota), False


def _from(plan: on_duty.Plan, at: dt.datetime) -> dt.datetime:
    """Return the moment from which the preview shows weeks: now, or the first turn when that is later."""
    first = dt.datetime.combine(plan.rota.rotations[0].starts_on, dt.time(12), plan.zone)
    return max(at, min(first, at + dt.timedelta(days=366)))
