"""Import and export of duty rotas as iCalendar files."""

import datetime as dt
from collections.abc import Mapping, Sequence

from incident.actions.directory import rotas
from incident.actions.notifications.on_duty import Plan, empty_plan, plan_of
from incident.actions.unit_of_work import IdempotentRequest
from incident.core.duty.rota import Override
from incident.core.values.faults import RuleError, raise_all
from incident.formats.icalendar import Occurrence, read_events, write_shifts
from incident.store.directory import contact_addresses, people
from incident.store.directory.departments import Department

MAIL = "email"


def export_rota(department: Department, name: str, words: Mapping[str, str], days: int, now: dt.datetime) -> str:
    """Return the shifts and gaps of a department from now on as an iCalendar file.

    Args:
        department: the department.
        name: the name of the calendar.
        words: `gap`, the summary of a gap.
        days: how far ahead.
        now: when (UTC).
    """
    plan = plan_of(department) or empty_plan(department)
    end = now + dt.timedelta(days=days)
    # Computed without cutting, so that a shift begins and ends in each file as it does in the next.
    around = dt.timedelta(days=max((rotation.every for rotation in plan.rota.rotations), default=0) + 2)
    shifts = [one for one in plan.shifts(now - around, end + around) if one.start < end and one.end > now]
    names = {login: person.name for login, person in plan.people.items()}
    gaps = plan.gaps(now, end)
    return write_shifts(department.code, name, shifts, gaps, names, words, department.timezone, now)


def import_events(
    department: Department, body: bytes, by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> Sequence[Override]:
    """Add the events of an iCalendar file to a rota as overrides; existing ones are not added again.

    Args:
        department: the department.
        body: the file.
        by: who.
        now: when (UTC).
        idempotency: the caller's key, under which the same request gets the same response.

    Raises:
        RuleError: with every fault and its event; `event.person_unknown`, `event.person_unclear`.
    """
    plan = plan_of(department) or empty_plan(department)
    occurrences = read_events(body, plan.zone, now)
    found = _overrides(occurrences, plan)
    return rotas.add_overrides(department.id, found, by, now, idempotency, [""] * len(found))


def _overrides(occurrences: Sequence[Occurrence], plan: Plan) -> list[Override]:
    logins = _logins_by_word()
    standing = set(plan.rota.overrides)
    faults: dict[str, RuleError] = {}
    found = []
    for one in occurrences:
        try:
            override = Override(one.start, one.end, _login_of(one, logins), None, one.why)
        except RuleError as fault:
            faults.setdefault(one.pointer, fault)
            continue
        if override not in standing:
            found.append(override)
    raise_all(faults.values())
    return found


def _login_of(occurrence: Occurrence, logins: Mapping[str, set[str]]) -> str:
    """Return the login of the person whom an event names, by the first of its words that identifies one."""
    for word in occurrence.who:
        known = logins.get(word.casefold(), set())
        if len(known) == 1:
            return next(iter(known))
        if known:
            raise RuleError("event.person_unclear", {"who": word}, pointer=occurrence.pointer)
    raise RuleError("event.person_unknown", {"who": occurrence.who}, pointer=occurrence.pointer)


def _logins_by_word() -> Mapping[str, set[str]]:
    """Return the logins of active people by all of their identifiers: login, mail address, name."""
    by_word: dict[str, set[str]] = {}
    by_id = {}
    for person in people.active_people():
        by_id[person.id] = person.login
        by_word.setdefault(person.name.casefold(), set()).add(person.login)
    for person_id, address in contact_addresses.addresses_of_people(MAIL):
        if person_id in by_id:
            by_word.setdefault(address.casefold(), set()).add(by_id[person_id])
    return by_word | {login.casefold(): {login} for login in by_id.values()}
