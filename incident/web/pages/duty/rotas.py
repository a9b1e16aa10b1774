"""The duty rota of a department: weeks and gaps, overrides and leave, rotations, iCalendar import and export."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Response, request, url_for

from incident.actions.directory import calendars
from incident.actions.directory import rotas as use_cases
from incident.actions.notifications import on_duty
from incident.actions.notifications.duty_readiness import unready_people
from incident.core.duty.rota import Leave, Override, Rota, require_near
from incident.core.duty.working_calendar import WEEKDAYS
from incident.core.values.faults import RuleError
from incident.core.values.local_time import wall_of
from incident.formats.icalendar import SIZE_LIMIT
from incident.store.directory import people
from incident.store.directory.departments import Department
from incident.store.directory.members import members_of
from incident.store.duty import rotas as store
from incident.web import i18n
from incident.web.http.body_limits import max_body
from incident.web.http.conditional import answer_as
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.duty.duty_weeks import colours_of, weeks
from incident.web.pages.duty.rotation_form import faults_at_rows, read_rotations, rotation_rows
from incident.web.pages.forms import Form, typed_moment
from incident.web.pages.frame import Page, render, submit
from incident.web.rota_files import rota_file
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

WEEKS_SHOWN = 5
DAYS_AHEAD = dt.timedelta(days=90)
GAPS_SHOWN = 50
WHY_LIMIT = 500


@pages.get("/departments/<code>/rota")
@needs("department.read")
def rota(code: str) -> Page:
    """Show the rota of a department."""
    return _show(access.visible_own_department(code))


def _show(department: Department) -> Page:
    row = store.rota_of(department.id)
    plan = on_duty.plan_of(department) or on_duty.empty_plan(department)
    gaps = plan.gaps(now(), now() + DAYS_AHEAD)
    found = plan.on_duty(now())
    return render(
        "departments/rota.html",
        absent=sorted(plan.absent),
        colours=colours_of(plan),
        department=department,
        expected_years=on_duty.expected_years(department, now(), now() + DAYS_AHEAD),
        gaps=gaps[:GAPS_SHOWN],
        gaps_more=max(0, len(gaps) - GAPS_SHOWN),
        given=request.form,
        has_members=bool(members_of(department.id)),
        is_undoable=row is not None and row.before is not None,
        has_rota=row is not None and bool(plan.rota.rotations),
        may_override=access.may_override(department),
        names={person.login: person.name for person in people.by_logins({login for login, _ in plan.rota.named()})},
        on_duty=plan.people_of(found),
        people=people.active_people(),
        plan=plan,
        reasons=found.because,
        rotations=rotation_rows(plan.rota),
        unready=unready_people(department.id, {login for one in plan.rota.rotations for login in one.people}),
        until=plan.until(now()),
        version=0 if row is None else row.version,
        wall_words=lambda moment: i18n.short(moment, plan.zone, now()),
        weekdays=WEEKDAYS,
        weeks=weeks(plan, WEEKS_SHOWN, now()),
    )


def _change(code: str, use_case: Callable[[Department], object], said: str = "changed", part: str = "") -> Page:
    """Run a use case on a rota and show the rota again."""
    department = access.visible_department(code)
    return submit(
        lambda: use_case(department),
        lambda: _show(access.visible_department(code)),
        lambda: url_for("pages.rota", code=code) + part,
        said,
    )


@pages.post("/departments/<code>/rota/overrides")
@needs("override.write")
def add_override_form(code: str) -> Page:
    """Add an override: one person replaces another."""
    access.overridden_department(code)

    def use_case(department: Department) -> None:
        form = Form()
        start, end = _span(form, department)
        person, instead_of = form.needed("person"), form.text("instead_of")
        why = form.text("why", WHY_LIMIT)
        if person and person == instead_of:
            form.faults.append(RuleError("override.of_oneself", pointer="/instead_of"))
        form.faults += _unknown((person, "/person"), (instead_of, "/instead_of"))
        form.finish()
        override = Override(start, end, person, instead_of, why)
        use_cases.add_overrides(department.id, [override], require_caller().actor, now())

    return _change(code, use_case, "added")


@pages.post("/departments/<code>/rota/leave")
@needs("override.write")
def add_leave(code: str) -> Page:
    """Record that a person is on leave."""
    access.overridden_department(code)

    def use_case(department: Department) -> None:
        form = Form()
        start, end = _span(form, department)
        person = form.needed("person")
        form.faults += _unknown((person, "/person"))
        form.finish()
        use_cases.add_leave(department.id, Leave(person, start, end), require_caller().actor, now())

    return _change(code, use_case, "added")


@pages.post("/departments/<code>/rota/remove")
@needs("rota.write")
def remove_from_rota(code: str) -> Page:
    """Remove an override or a leave from a rota."""

    def use_case(department: Department) -> None:
        form = Form()
        index, version = form.number("index", 0) or 0, form.number("version")
        form.finish()
        before = use_cases.rota_of(department.id)
        part = "leave" if form.raw("part") == "leave" else "overrides"
        kept = tuple(one for place, one in enumerate(getattr(before, part)) if place != index)
        changes: dict[str, Any] = {part: kept}
        use_cases.put_rota(department.id, replace(before, **changes), version, require_caller().actor, now())

    return _change(code, use_case, "removed")


@pages.post("/departments/<code>/rota")
@needs("rota.write")
def put_rotations(code: str) -> Page:
    """Replace the rotations; overrides and leave are kept."""

    def use_case(department: Department) -> None:
        form = Form()
        version = form.number("version")
        today = wall_of(now(), on_duty.wall_clock_of(department).zone).date()
        document = use_cases.rota_of(department.id).to_json() | {"rotations": read_rotations(request.form, today)}
        with faults_at_rows(request.form):
            read = form.finished("rotations", lambda: Rota.from_json(document))
            use_cases.put_rota(department.id, read, version, require_caller().actor, now())

    return _change(code, use_case)


@pages.post("/departments/<code>/rota/restore")
@needs("rota.write")
def undo_rota(code: str) -> Page:
    """Undo the last change of a rota."""

    def use_case(department: Department) -> None:
        form = Form()
        version = form.number("version")
        form.finish()
        use_cases.restore_rota(department.id, version, require_caller().actor, now())

    return _change(code, use_case, "restored")


@pages.get("/departments/<code>/rota.ics")
@needs("department.read")
def rota_calendar(code: str) -> Response:
    """Return the shifts of the next 90 days as an iCalendar file."""
    return answer_as(rota_file(access.visible_own_department(code), DAYS_AHEAD.days), "text/calendar; charset=utf-8")


@pages.post("/departments/<code>/rota/import")
@needs("rota.write")
@max_body(SIZE_LIMIT + 10_000)
def import_calendar(code: str) -> Page:
    """Add the events of a file as overrides."""

    def use_case(department: Department) -> None:
        sent = request.files.get("file")
        body = b"" if sent is None else sent.read(SIZE_LIMIT + 1)
        calendars.import_events(department, body, require_caller().actor, now())

    return _change(code, use_case, "added")


def _span(form: Form, department: Department) -> tuple[dt.datetime, dt.datetime]:
    """Read the start and the end, in the local time of the department."""
    zone = on_duty.wall_clock_of(department).zone
    both = []
    for name in ("from", "until"):
        typed = form.needed(name)
        both.append(form.checked(name, lambda typed=typed, name=name: _moment(typed, name, zone)) if typed else None)  # type: ignore[misc]
    start, end = both
    if start is not None and end is not None and end <= start:
        form.faults.append(RuleError("span.ends_before", pointer="/until"))
    return start or now(), end or now()


def _unknown(*named: tuple[str | None, str]) -> list[RuleError]:
    """Return a fault for every name of nobody; fields without a name have none."""
    return use_cases.unknown_people([(login, place) for login, place in named if login])


def _moment(typed: str, name: str, zone: dt.tzinfo) -> dt.datetime:
    return require_near(typed_moment(typed, zone, f"/{name}"), f"/{name}")
