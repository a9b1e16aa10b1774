"""Maintenance windows: the list and its form, and one with the alerts that it holds."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import request, url_for

from incident.actions.systems import windows as use_cases
from incident.core.incidents.routing_document import SOURCE_LIMIT
from incident.core.systems.window import REASON_LIMIT
from incident.store.systems import systems, windows
from incident.store.systems.windows import HeldAlert, MaintenanceWindow
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, is_permitted, redirect_with_flash, render, submit
from incident.web.security import system_access
from incident.web.security.auth import needs, require_caller

PAGE_LIMIT: Final = 50
ONE: Final = "/maintenance-windows/<int(max=2147483647):window_id>"


def windows_shown(at: dt.datetime) -> Sequence[MaintenanceWindow]:
    """Return the windows in force for a band on other pages, as far as the viewer may see them."""
    return windows.windows_in_force(at) if is_permitted("maintenance.read") else ()


@pages.get("/maintenance-windows")
@needs("maintenance.read")
def window_list() -> Page:
    """List maintenance windows, the newest first."""
    return _list({})


def _list(given: Mapping[str, str]) -> Page:
    before = (read_cursor(request.args.get("cursor"), (int,)) or (None,))[0]
    shown, following = cut(windows.list_windows(before, PAGE_LIMIT + 1), PAGE_LIMIT, lambda one: (one.id,))
    return render(
        "systems/windows.html",
        counts=windows.held_counts([one.id for one in shown]),
        given=given,
        moment=now(),
        older=url_for("pages.window_list", cursor=following) if following else None,
        rows=shown,
        system_names=systems.names_of_systems({one.system_id for one in shown if one.system_id is not None}),
    )


@pages.post("/maintenance-windows")
@needs("maintenance.write")
def add_window_form() -> Page:
    """Plan a maintenance window."""
    added: list[int] = []

    def use_case() -> None:
        form = Form()
        facts: dict[str, Any] = {
            "reason": form.named("reason", REASON_LIMIT),
            "begins_at": form.bound("begins_at"),
            "ends_at": form.bound("ends_at") if form.needed("ends_at") else None,
            "source": form.text("source", SOURCE_LIMIT),
            "system": form.text("system"),
            "labels": _labels(form.raw("labels")),
        }
        form.finish()
        added.append(use_cases.add_window(facts, require_caller().actor, now()).id)

    return submit(
        use_case, lambda: _list(request.form), lambda: url_for("pages.one_window", window_id=added[0]), "added"
    )


def _labels(typed: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in typed.splitlines() if line.strip())
    return {name.strip(): value.strip() for name, _, value in pairs}


@pages.get(ONE)
@needs("maintenance.read")
def one_window(window_id: int) -> Page:
    """Show a window with its alerts and their payloads."""
    return _one(window_id, {})


def _one(window_id: int, given: Mapping[str, str]) -> Page:
    row = system_access.visible_window(window_id)
    after = (read_cursor(request.args.get("after"), (int,)) or (0,))[0]
    found = windows.held_alerts_of(row.id, after, PAGE_LIMIT + 1)
    shown, following = cut(found, PAGE_LIMIT, lambda one: (one.id,))
    return render(
        "systems/window.html",
        alerts=shown,
        can_change=row.ends_at > now() and is_permitted("maintenance.write"),
        count=windows.held_counts([row.id]).get(row.id, (0, 0)),
        further=url_for("pages.one_window", window_id=row.id, after=following) if following else None,
        given=given,
        moment=now(),
        numbers=system_access.visible_numbers([one.incident_id for one in shown if one.incident_id is not None]),
        payload_words=_payload_words,
        row=row,
        system_names=systems.names_of_systems([row.system_id] if row.system_id is not None else []),
    )


def _payload_words(held: HeldAlert) -> str:
    payload = held.payload.get("payload")
    return json.dumps(held.alert if payload is None else payload, ensure_ascii=False, indent=2)


@pages.post(f"{ONE}/change")
@needs("maintenance.write")
def change_window_form(window_id: int) -> Page:
    """Extend or shorten a window, or correct its reason."""
    system_access.visible_window(window_id)

    def use_case() -> None:
        form = Form()
        changes = {"reason": form.named("reason", REASON_LIMIT), "ends_at": form.bound("ends_at")}
        version = form.number("version")
        form.needed("ends_at")
        form.finish()
        use_cases.change_window(window_id, changes, version, require_caller().actor, now())

    to = url_for("pages.one_window", window_id=window_id)
    return submit(use_case, lambda: _one(window_id, request.form), lambda: to, "changed")


@pages.post(f"{ONE}/end")
@needs("maintenance.write")
def end_window_form(window_id: int) -> Page:
    """End a window now."""
    system_access.visible_window(window_id)
    use_cases.end_window(window_id, None, require_caller().actor, now())
    return redirect_with_flash(url_for("pages.one_window", window_id=window_id), "window_ended")
