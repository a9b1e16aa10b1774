"""The page of settings: each part with what is on, and what is wrong with it."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import url_for

from incident.core.values.error_messages import N_
from incident.settings_sources import shown_settings
from incident.store.directory import departments
from incident.store.journal import journal
from incident.store.playbooks.command_switch import command_switch
from incident.store.queries import health, settings_counts
from incident.store.queries.settings_counts import SettingsCounts
from incident.web.i18n import comma
from incident.web.i18n import gettext as _
from incident.web.instance import current_instance, is_demonstration, now
from incident.web.monitoring.watchdog_status import watchdog_status
from incident.web.pages.blueprint import pages
from incident.web.pages.directory.set_up_next import count_left
from incident.web.pages.frame import Page, clock_state, is_permitted, render
from incident.web.pages.operations.machinery import troubles_shown
from incident.web.pages.settings.environment_words import SETTING_GROUPS, SettingWords
from incident.web.pages.settings.sheet_imports import SHEETS
from incident.web.security.auth import needs

_TRUTHS: Final[Mapping[str, str]] = {"1": N_("yes"), "0": N_("no")}


@dataclass(frozen=True)
class SettingsCard:
    """One part of the settings: where it is, what is on, and what is wrong (empty when nothing is)."""

    title: str
    icon: str
    url: str
    says: str
    wrong: str = ""


@dataclass(frozen=True)
class EnvironmentRow:
    """A setting of the environment: its label, its variable, its value in words, and whether it is set there."""

    label: str
    name: str
    value: str
    is_set: bool
    is_secret: bool


@dataclass(frozen=True)
class ChannelRow:
    """A channel: whether it can send, its contacts, how many failed their last check, and the last check."""

    channel: str
    is_ready: bool
    contacts: int
    failing: int
    checked_at: dt.datetime | None


@pages.get("/settings")
@needs("settings.read")
def settings() -> Page:
    """Show the parts of the settings that the viewer may use."""
    counts = settings_counts.settings_counts(now())
    parts: Sequence[tuple[str, Callable[[], SettingsCard]]] = (
        ("person.read", lambda: _people(counts)),
        ("token.read", lambda: _tokens(counts)),
        ("department.read", lambda: _departments(counts)),
        ("contact.read", _channels),
        ("command.stop", _commands),
        ("journal.read", _journal),
        ("journal.read", _health),
        ("settings.write", _environment),
        ("settings.write", _first_run),
    )
    cards = [make() for permission, make in parts if is_permitted(permission)]
    imports = [(name, _(kind.title)) for name, kind in SHEETS.items()] if is_permitted("settings.write") else []
    return render(
        "settings/hub.html", cards=cards, imports=imports, more=_more(), wrong=[one for one in cards if one.wrong]
    )


def _more() -> list[tuple[str, str, str, str]]:
    """Return the other pages: permission, endpoint, words, icon."""
    return [
        ("organization.read", "pages.organization", _("Organisation"), "building"),
        ("rules.read", "pages.rules", _("Rules"), "route"),
        ("source.read", "pages.source_list", _("Sources"), "inbox"),
        ("subscription.read", "pages.subscriptions", _("Subscriptions"), "send"),
        ("maintenance.read", "pages.window_list", _("Maintenance"), "clock"),
        ("system.write", "pages.import_systems_form", _("Import systems"), "upload"),
        ("access_log.read", "pages.access_log", _("Access log"), "eye"),
    ]


def _people(counts: SettingsCounts) -> SettingsCard:
    says = _("active: %(count)s, invited: %(invited)s", count=counts.people, invited=counts.invited)
    lost = counts.expired
    wrong = _("without a password and an open invitation: %(count)s", count=lost) if lost else ""
    return SettingsCard(_("People"), "users", url_for("pages.people"), says, wrong)


def _tokens(counts: SettingsCounts) -> SettingsCard:
    says = _("in use: %(count)s", count=counts.tokens)
    return SettingsCard(_("Tokens"), "key", url_for("pages.tokens"), says)


def _departments(counts: SettingsCounts) -> SettingsCard:
    says, silent = _("departments: %(count)s", count=counts.departments), counts.unreachable
    wrong = _("without a contact, so they cannot be notified: %(count)s", count=silent) if silent else ""
    return SettingsCard(_("Departments"), "building", url_for("pages.departments"), says, wrong)


def _channels() -> SettingsCard:
    rows = channel_rows()
    says = _("contacts: %(count)s", count=sum(row.contacts for row in rows))
    failing = sum(row.failing for row in rows)
    wrong = []
    if failing:
        wrong.append(_("failed their last test: %(count)s", count=failing))
    if any(row.contacts and not row.is_ready for row in rows):
        wrong.append(_("a channel in use is not set up"))
    return SettingsCard(_("Channels"), "send", url_for("pages.channels"), says, comma().join(wrong))


def _commands() -> SettingsCard:
    stop = command_switch().is_stopped
    says = _("Stopped") if stop else _("Carried out")
    wrong = _("all machine commands are stopped") if stop else ""
    return SettingsCard(_("Machine commands"), "player-pause", url_for("pages.machine_commands"), says, wrong)


def _journal() -> SettingsCard:
    head = journal.head()
    says = _("entries: %(count)s", count=head.count if head else 0)
    return SettingsCard(_("Journal"), "history", url_for("pages.journal"), says)


def _health() -> SettingsCard:
    troubles = troubles_shown(watchdog_status())
    wrong = troubles[0].said if troubles else ""
    if clock_state().is_missing:
        wrong = _("The scheduler is not running")
    return SettingsCard(_("System health"), "settings", url_for("pages.machinery"), _("Runs"), wrong)


def _environment() -> SettingsCard:
    given = shown_settings()
    says = _("set: %(count)s", count=len(given))
    is_alarmed = bool(current_instance().settings.alarm_to)
    wrong = "" if is_alarmed else _("no one is alarmed about faults of this system")
    return SettingsCard(_("Environment"), "adjustments", url_for("pages.environment"), says, wrong)


def _first_run() -> SettingsCard:
    left = count_left()
    says = _("left: %(count)s", count=left) if left else _("completed")
    return SettingsCard(_("First run"), "list-check", url_for("pages.set_up_next"), says)


@pages.get("/settings/channels")
@needs("contact.read")
def channels() -> Page:
    """Show which channels can send, how many contacts use them, and which contacts failed their last test."""
    failing = health.failing_now()
    of = departments.departments_of({one.department_id for one in failing})
    shown = [(one, of[one.department_id]) for one in failing]
    return render("settings/channels.html", failing=shown, rows=channel_rows())


def channel_rows() -> list[ChannelRow]:
    """Return every channel; mail and text messages are ready when the environment sets them up."""
    settings_here = current_instance().settings
    found = {row[0]: row for row in settings_counts.contacts_by_channel()}
    is_shown = is_demonstration()  # which sends nothing anyway
    needs_setting = {
        "email": is_shown or settings_here.smtp_url is not None,
        "sms": is_shown or settings_here.sms is not None,
    }
    return [
        ChannelRow(
            name,
            needs_setting.get(name, True),
            found[name][1] if name in found else 0,
            int(found[name][2] or 0) if name in found else 0,
            found[name][3] if name in found else None,
        )
        for name in current_instance().channels
    ]


@pages.get("/settings/environment")
@needs("settings.write")
def environment() -> Page:
    """Show what the environment sets, without secrets, and what holds where it sets nothing."""
    given = shown_settings()
    groups = [(_(title), [_row(one, given) for one in rows]) for title, rows in SETTING_GROUPS]
    return render("settings/environment.html", groups=groups)


def _row(one: SettingWords, given: Mapping[str, str | None]) -> EnvironmentRow:
    if one.name not in given:
        return EnvironmentRow(_(one.label), one.name, _(one.usual), is_set=False, is_secret=False)
    value = given[one.name]
    if value is None:
        return EnvironmentRow(_(one.label), one.name, _("set"), is_set=True, is_secret=True)
    is_truth = one.usual in _TRUTHS.values()
    return EnvironmentRow(
        _(one.label), one.name, _(_TRUTHS.get(value, value)) if is_truth else value, is_set=True, is_secret=False
    )
