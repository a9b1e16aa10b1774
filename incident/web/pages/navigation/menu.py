"""The menu: its entries by permission, with the number of what waits behind some of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from flask import request, url_for

from incident.core.values.access import Viewer, may
from incident.core.values.error_messages import N_
from incident.web.i18n import gettext
from incident.web.pages.navigation.waiting import WaitingCounts
from incident.web.security.auth import Caller

INBOX: Final = "pages.inbox"
REPORTS: Final = "pages.reports"


class MenuEntry(NamedTuple):
    """An entry of the menu for those who have a permission.

    `is_main` puts it into the bar, where there is room, `is_thumb` at the bottom of a phone's screen.
    """

    permission: str
    endpoint: str
    words: str
    icon: str
    is_main: bool = False
    is_thumb: bool = False


MENU: Final = (
    MenuEntry("incident.read", "pages.home", N_("Overview"), "home", True, True),
    MenuEntry("incident.read", "pages.incidents", N_("Incidents"), "flame", True, True),
    MenuEntry("notice.read", INBOX, N_("Inbox"), "inbox", True, True),
    MenuEntry("report.read", REPORTS, N_("Reports"), "message-report", True, True),
    MenuEntry("department.read", "pages.departments", N_("Departments"), "building", True),
    MenuEntry("playbook.read", "pages.playbooks", N_("Playbooks"), "book", True),
    MenuEntry("drill.read", "pages.drill_list", N_("Drills"), "flag", True),
    MenuEntry("incident.read", "pages.insights", N_("Insights"), "chart-bar"),
    MenuEntry("rules.read", "pages.rules", N_("Rules"), "route", True),
    MenuEntry("source.read", "pages.source_list", N_("Sources"), "inbox"),
    MenuEntry("maintenance.read", "pages.window_list", N_("Maintenance"), "clock"),
    MenuEntry("incident.read", "pages.running_clocks", N_("Deadlines"), "clock"),
    MenuEntry("document.read", "pages.document_register", N_("Documents"), "file-text"),
    MenuEntry("system.read", "pages.system_list", N_("Systems"), "devices"),
    MenuEntry("journal.read", "pages.journal", N_("Journal"), "history", True),
    MenuEntry("message.read", "pages.outbox", N_("Messages"), "send"),
    MenuEntry("subscription.read", "pages.subscriptions", N_("Subscriptions"), "send"),
    MenuEntry("journal.read", "pages.machinery", N_("System health"), "shield-check"),
    MenuEntry("settings.read", "pages.settings", N_("Settings"), "settings"),
)


@dataclass(frozen=True)
class MenuLink:
    """An entry of the menu as a page shows it."""

    entry: MenuEntry
    count: int = 0

    @property
    def words(self) -> str:
        """The name of the page."""
        return gettext(self.entry.words)

    @property
    def icon(self) -> str:
        """The name of the icon."""
        return self.entry.icon

    @property
    def is_main(self) -> bool:
        """Whether the bar itself has it, where there is room."""
        return self.entry.is_main

    @property
    def is_thumb(self) -> bool:
        """Whether it stands at the bottom of a phone's screen."""
        return self.entry.is_thumb

    @cached_property
    def url(self) -> str:
        """The address."""
        return url_for(self.entry.endpoint)

    @cached_property
    def is_here(self) -> bool:
        """Whether this page, or one under it, is open."""
        return request.path == self.url or request.path.startswith(f"{self.url}/")


def entries_for(viewer: Viewer) -> Iterator[MenuEntry]:
    """Return the entries that a viewer may open."""
    return (one for one in MENU if may(viewer.role, one.permission))


def menu_links(asking: Caller, waiting: WaitingCounts) -> list[MenuLink]:
    """Return the menu of the caller, with how much waits for them."""
    counts = {INBOX: waiting.inbox, REPORTS: waiting.reports}
    return [MenuLink(one, counts.get(one.endpoint, 0)) for one in entries_for(asking.viewer)]
