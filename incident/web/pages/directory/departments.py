"""Departments: the list, and one department with its contacts and escalation policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import request, url_for

from incident.actions.directory import departments as use_cases
from incident.actions.notifications import on_duty as duty
from incident.actions.notifications.escalation import policy_of
from incident.actions.notifications.recipients import RecipientResolver
from incident.channels import MAKERS
from incident.core.values.duration import parse_duration
from incident.core.values.identifier import require_code
from incident.store.db.database import db
from incident.store.directory import departments as store
from incident.store.directory import people
from incident.store.directory.departments import Department, contact_counts
from incident.store.directory.members import member_counts, members_of, names_at
from incident.store.queries.health import FINE
from incident.store.queries.notice_list import waiting_by_department
from incident.web import contact_channels
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.i18n import gettext as _
from incident.web.i18n import language, span
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import WORDS_LIMIT, typed_department
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, is_permitted, render, submit
from incident.web.pages.notifications.policies import empty_levels, recipient_kind_words
from incident.web.security import access
from incident.web.security.auth import needs, require_caller


@dataclass(frozen=True)
class Row:
    """A department in the list, indented under its parent; `on_duty` is None for one without a rota.

    `empty_levels` are the levels of its policy at which nobody would be found now.
    """

    department: Department
    depth: int
    contacts: int
    head: str | None
    on_duty: list[str] | None
    empty_levels: list[int]
    above: str | None = None
    members: int = 0
    waiting: int = 0


PAGE_LIMIT = 50
MAX_TREE: Final = 200
"""The largest number of departments shown as one tree; a longer list is paginated."""


@pages.get("/departments")
@needs("department.read")
def departments() -> Page:
    """List departments as a tree; a very long list is paginated by code.

    With `code` and `name` in the address, the form for another department is filled in.
    """
    return _list({name: request.args[name][:200] for name in ("code", "name") if name in request.args})


def _list(given: Any) -> Page:
    words = request.args.get("q", "").strip()[:WORDS_LIMIT]
    words = words if words.isprintable() else ""
    found: Sequence[Department]
    if access.viewer().role == "department":
        own = {one for one in access.viewer().department_ids if isinstance(one, int)}
        found, following = sorted(store.departments_of(own).values(), key=lambda one: one.code), None
    else:
        found, following = _page(words)
    older = url_for("pages.departments", q=words or None, cursor=following) if following else None
    is_tree = not (words or older or "cursor" in request.args)
    rows = _in_order(found, contact_counts([one.id for one in found]), is_tree=is_tree)
    return render(
        "departments/list.html", given=given, rows=rows, words=words, older=older, has_search=not is_tree or bool(rows)
    )


def _page(words: str) -> tuple[Sequence[Department], str | None]:
    """Return all departments if they are few; else a page of matches and the cursor of the next page."""
    after = (read_cursor(request.args.get("cursor"), (str,)) or (None,))[0]
    if not words and after is None:
        found = store.departments_after(None, MAX_TREE + 1)
        return (found, None) if len(found) <= MAX_TREE else cut(found, PAGE_LIMIT, lambda one: (one.code,))
    found = store.search_departments(words, PAGE_LIMIT + 1, after or "")
    return cut(found, PAGE_LIMIT, lambda one: (one.code,))


def _in_order(found: Sequence[Department], counts: Mapping[int, int], *, is_tree: bool) -> list[Row]:
    """Return departments in tree order; those without a visible parent come first.

    Departments that form no tree keep their order, and each names its parent.
    """
    seen = {one.id for one in found}
    under: dict[int | None, list[Department]] = {}
    for one in found:
        under.setdefault(one.parent_id if is_tree and one.parent_id in seen else None, []).append(one)
    above = {} if is_tree else store.departments_of({one.parent_id for one in found if one.parent_id is not None})
    heads, finder, rows = names_at("head"), RecipientResolver(), list[Row]()
    finder.prefetch(found)
    is_warned = is_permitted("policy.read")
    members = member_counts(seen)
    waiting_notices = waiting_by_department(seen) if is_permitted("notice.read") else {}
    waiting = [(one, 0) for one in reversed(under.get(None, []))]
    while waiting:
        one, depth = waiting.pop()
        empty = empty_levels(one, finder) if is_warned else []
        parent = above.get(one.parent_id) if one.parent_id is not None else None
        row = Row(one, min(depth, 6), counts.get(one.id, 0), heads.get(one.id), _on_duty(finder.plan(one)), empty)
        counted = replace(row, members=members.get(one.id, 0), waiting=waiting_notices.get(one.id, 0))
        rows.append(replace(counted, above=None if parent is None else parent.name))
        waiting.extend((child, depth + 1) for child in reversed(under.get(one.id, [])))
    return rows


def _on_duty(plan: duty.Plan | None) -> list[str] | None:
    return None if plan is None else [person.name for person in plan.people_of(plan.on_duty(now()))]


def _owners(department_id: int) -> Mapping[int, str]:
    """Return the names, by id, of the people whom contacts of a department reach."""
    ids = {one.person_id for one in store.contacts_of(department_id) if one.person_id is not None}
    return {one.id: one.name for one in people.people_of(ids)}


@pages.post("/departments")
@needs("department.write")
def add_department_form() -> Page:
    """Add a department."""
    added: list[str] = []

    def use_case() -> None:
        form = Form()
        name, code = form.named("name"), form.needed("code", 60)
        if code:
            form.checked("code", lambda: require_code(code, "/code"))
        parent = typed_department(form.text("parent", 200))
        form.finish()
        actor, timezone = require_caller().actor, current_instance().settings.timezone
        added.append(use_cases.add_department(code, name, parent, actor, now(), timezone=timezone).code)

    return submit(use_case, lambda: _list(request.form), lambda: url_for("pages.department", code=added[0]), "added")


@pages.get("/departments/<code>")
@needs("department.read")
def department(code: str) -> Page:
    """Show a department."""
    return show_department(code)


CHECKS = ("PT1H", "PT6H", "P1D", "P7D", "P30D")
"""The offered intervals of checks of a contact; the API accepts any interval."""


CONFIRMS = ("PT1H", "PT6H", "PT12H", "P1D", "P3D")
"""The offered time limits for confirming a check."""


def _checks_of(now_every: str | None) -> list[tuple[str, str]]:
    return [(every, _("every %(length)s", length=_every_words(every))) for every in _offered(CHECKS, now_every)]


def _confirms_of(now_within: str | None) -> list[tuple[str, str]]:
    return [(one, _("within %(length)s", length=_every_words(one))) for one in _offered(CONFIRMS, now_within)]


def _offered(usual: tuple[str, ...], set_now: str | None) -> tuple[str, ...]:
    return usual if set_now is None or set_now in usual else (set_now, *usual)


def _every_words(every: str) -> str:
    return span(parse_duration(every))


def show_department(
    code: str, secret: str | None = None, status: int = 200, tested: contact_channels.Tested | None = None
) -> Page:
    """Show a department, with a new secret or the result of a test if there is one."""
    found = access.visible_own_department(code)
    is_contact_shown = is_permitted("contact.read")
    return render(
        "departments/one.html",
        status,
        address_of=contact_channels.address_of,
        channels=list(MAKERS),
        can_confirm=contact_channels.can_confirm,
        checks_of=_checks_of,
        confirms_of=_confirms_of,
        every_words=_every_words,
        fine=FINE,
        contacts=store.contacts_of(found.id) if is_contact_shown else (),
        calendars={name: one.name.in_language(language()) for name, one in duty.calendars().items()},
        department=found,
        given=request.form,
        members=members_of(found.id),
        on_duty=duty.on_duty_at(found, now()),
        owners=_owners(found.id) if is_contact_shown else {},
        people=people.active_people() if is_permitted("rota.write") or is_permitted("contact.write") else (),
        plan=duty.plan_of(found),
        parent=db.session.get(Department, found.parent_id) if found.parent_id else None,
        policy=policy_of(found),
        secret=secret,
        signing={name: channel.signing for name, channel in current_instance().channels.items() if name in MAKERS},
        tested=tested,
        recipient_kind_words=recipient_kind_words(),
    )
