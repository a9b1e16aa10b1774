"""The escalation policy of a department as a form, with a preview of the escalation."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import request, url_for

from incident.actions.directory import departments as use_cases
from incident.actions.notifications.escalation import policy_of
from incident.actions.notifications.previewing import Preview, preview
from incident.actions.notifications.recipients import RecipientResolver
from incident.channels import MAKERS
from incident.core.notifications.policy import MAX_LEVELS, RECIPIENT_KINDS, Policy
from incident.core.notifications.preview_labels import RECIPIENT_KIND_WORDS, warning_words
from incident.core.values.duration import format_duration, parse_duration
from incident.core.values.faults import RuleError, raise_all
from incident.core.values.moment import require_moment
from incident.store.directory.departments import Department
from incident.store.notifications.notices import Notice
from incident.web.i18n import gettext as _
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form, typed_daytime
from incident.web.pages.frame import Page, render, submit
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

SPARE_LEVELS = 1
MAX_ITEMS = 40
AHEAD_LIMIT = dt.timedelta(days=731)
"""How far ahead a preview may begin."""

Document = dict[str, Any]


@dataclass(frozen=True)
class WaitRow:
    """An additional time limit of a level in the form: `hours` is empty, working, off or span."""

    wait: str = ""
    grades: Sequence[int] = ()
    hours: str = ""
    start: str = ""
    end: str = ""


@dataclass(frozen=True)
class Card:
    """A level in the form; `is_spare` says that nothing was entered, so that it is folded and ignored."""

    number: int
    wait: str = ""
    notify: Sequence[str] = ()
    channels: Sequence[str] = ()
    in_turn: str = ""
    waits: Sequence[WaitRow] = ()
    is_spare: bool = False


@pages.get("/departments/<code>/policy")
@needs("policy.read")
def policy(code: str) -> Page:
    """Show the escalation policy of a department and a preview of its escalation."""
    return _show(access.visible_department(code))


@pages.post("/departments/<code>/policy")
@needs("policy.write")
def put_policy_form(code: str) -> Page:
    """Preview the escalation policy of the form, or set it; levels whose time limit was cleared are removed."""
    found = access.visible_department(code)
    if request.form.get("step") == "preview":
        return _show(found, is_again=True)

    def use_case() -> None:
        form = Form()
        document = _read(form, found)
        version = form.number("version")
        read = form.finished("levels", lambda: _policy(document))
        use_cases.put_policy(found.id, read, version, require_caller().actor, now())

    return submit(use_case, lambda: _show(found, is_again=True), lambda: url_for("pages.policy", code=code), "changed")


def _show(department: Department, *, is_again: bool = False) -> Page:
    """Show the page, with the typed values after they were refused."""
    document = _read(Form(), department) if is_again else policy_of(department).to_json()
    asked = request.values
    typed = _readable(document) if is_again else None
    seen = _foreseen(department, asked, typed)
    return render(
        "policies/one.html",
        asked=asked,
        cards=_cards(document),
        channels=list(MAKERS),
        department=department,
        document=document,
        is_typed=typed is not None,
        has_more=len(seen.items) > MAX_ITEMS,
        items=seen.items[:MAX_ITEMS],
        minutes=_minutes,
        policy=seen.policy,
        seen=seen,
        recipient_kind_words=recipient_kind_words(),
        recipient_kinds=RECIPIENT_KINDS,
        repeat=Form().raw("repeat") if is_again else document.get("repeat", 0),
        warned=[warning_words(one.code, one.level, one.arguments, _) for one in seen.warnings],
    )


def recipient_kind_words() -> Mapping[str, str]:
    """Return the labels of the recipients that a level can name."""
    return {kind: _(words) for kind, words in RECIPIENT_KIND_WORDS.items()}


def empty_levels(department: Department, finder: RecipientResolver) -> list[int]:
    """Return the levels that name people but at which nobody would be found if an incident were opened now."""
    if not any(level.notify for level in policy_of(department).levels):
        return []
    return sorted({item.level for item in preview(department, None, now(), finder).items if item.is_gap})


@pages.app_template_global("next_notified")
def next_notified(notice: Notice) -> str:
    """Return the recipients of a notice's next level as text; empty when it names nobody or there is none."""
    policy = Policy.from_json(notice.policy)
    place = notice.level if notice.level < len(policy.levels) else 0
    is_last = notice.level >= len(policy.levels) and notice.round > policy.repeat
    return (
        ""
        if is_last
        else ", ".join(recipient_kind_words()[recipient_kind] for recipient_kind in policy.levels[place].notify)
    )


def _policy(document: Document) -> Policy:
    """Return the policy of a form; its faults are at the fields of the form."""
    try:
        return Policy.from_json(document)
    except RuleError as fault:
        raise_all(_at_card(one) for one in fault.all)
        raise


def _readable(document: Document) -> Policy | None:
    """Return the policy of a form without levels that lack a time limit; None while it cannot be read.

    The preview shows the stored policy then.
    """
    try:
        return Policy.from_json({**document, "levels": [one for one in document["levels"] if "wait" in one]})
    except RuleError:
        return None


def _foreseen(department: Department, asked: Mapping[str, str], policy: Policy | None) -> Preview:
    """Return the preview for the query; unreadable values are ignored."""
    form = Form(asked)
    grade, at = form.grade(), form.bound("at")
    try:
        begins_at = require_moment(at, now() + AHEAD_LIMIT) if at else now()
    except RuleError:
        begins_at = now()
    return preview(department, grade, begins_at, policy=policy)


# -------------------------------------------------------------------------------------------- from a policy to a form
def _cards(document: Document) -> list[Card]:
    levels = document.get("levels", [])
    cards = [_card(number, level) for number, level in enumerate(levels, start=1)]
    spare = min(SPARE_LEVELS, MAX_LEVELS - len(cards))
    cards += [Card(len(cards) + place, is_spare=True) for place in range(1, spare + 1)]
    return [replace(card, waits=(*card.waits, WaitRow())) for card in cards]


def _card(number: int, level: Document) -> Card:
    return Card(
        number,
        _minutes(level.get("wait", "")),
        level.get("notify", ()),
        level.get("channels", ()),
        _minutes(level.get("in_turn", "")),
        [_row(one) for one in level.get("waits", ())],
    )


def _row(wait: Document) -> WaitRow:
    hours = wait.get("hours") or ""
    start, end = (hours.get("from", ""), hours.get("until", "")) if isinstance(hours, dict) else ("", "")
    kind = "span" if isinstance(hours, dict) else hours
    return WaitRow(_minutes(wait.get("wait", "")), wait.get("grades", ()), kind, start, end)


def _minutes(length: str) -> str:
    """Return a duration as it is typed: whole minutes as a number."""
    try:
        found = parse_duration(length)
    except RuleError:
        return length
    whole, rest = divmod(found, dt.timedelta(minutes=1))
    return format_duration(found) if rest or not whole else str(whole)


# -------------------------------------------------------------------------------------------- from a form to a policy
def _read(form: Form, department: Department) -> Document:
    """Return the document from the form.

    A stored level whose time limit was cleared is left out; in a further level without one it is missing.
    """
    count = min(form.number("levels", MAX_LEVELS) or MAX_LEVELS, MAX_LEVELS)
    stored = len(policy_of(department).levels)
    levels = ((number, _level(form, number)) for number in range(1, count + 1))
    document = {
        "levels": [level for number, level in levels if "wait" in level or (level and number > stored)],
        "repeat": form.number("repeat", 0),
        "until": form.raw("until") or None,
        "reminder": _length(form.raw("reminder")) or None,
        "quiet": _quiet(form),
    }
    return {name: value for name, value in document.items() if value is not None}


def _level(form: Form, number: int) -> Document:
    name = f"level-{number}"
    waits = [_wait(form, f"{name}-waits-{place}") for place in range(1, MAX_LEVELS + 1)]
    given = {
        "wait": _length(form.raw(f"{name}-wait")),
        "waits": [wait for wait in waits if wait],
        "notify": request.form.getlist(f"{name}-notify"),
        "channels": list(dict.fromkeys(filter(None, request.form.getlist(f"{name}-channels")))),
        "in_turn": _length(form.raw(f"{name}-in_turn")),
    }
    return {key: value for key, value in given.items() if value}


def _wait(form: Form, name: str) -> Document | None:
    if not form.raw(name):
        return None
    wait: Document = {"wait": _length(form.raw(name))}
    if grades := _grades(f"{name}-grades"):
        wait["grades"] = grades
    if hours := form.raw(f"{name}-hours"):
        span = _span(form, name)
        wait["hours"] = span if hours == "span" else hours
    return wait


def _quiet(form: Form) -> Document | None:
    span = _span(form, "quiet")
    return span | {"grades": _grades("quiet-grades")} if any(span.values()) else None


def _span(form: Form, name: str) -> dict[str, str]:
    return {part: typed_daytime(form.raw(f"{name}-{part}")) for part in ("from", "until")}


def _grades(name: str) -> list[int]:
    return [int(one) for one in request.form.getlist(name) if one in {"1", "2", "3", "4"}]


def _length(typed: str) -> str:
    """Return a duration in the format of the document; a bare number is minutes."""
    return f"PT{int(typed)}M" if typed.isascii() and typed.isdigit() and len(typed) < 6 else typed


def _at_card(fault: RuleError) -> RuleError:
    """Return a fault with the position at which the form shows its level again."""
    parts = fault.pointer.split("/")
    if len(parts) > 2 and parts[1] == "levels" and parts[2].isdigit():
        place = "/".join(["", f"level-{int(parts[2]) + 1}", *parts[3:]])
        return RuleError(fault.code, fault.arguments, pointer=place, kind=fault.kind)
    return fault
