"""The pages and actions that the command palette offers beside the menu, by permission."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from flask import url_for

from incident.core.values.access import may
from incident.core.values.error_messages import N_
from incident.web.i18n import CODES, NAMES, TAGS, current, gettext
from incident.web.pages.navigation.menu import entries_for
from incident.web.security.auth import Caller


class Destination(NamedTuple):
    """A page or an action: what it is called, its icon, and where it leads.

    `english` are its words in English, by which it is found in every language. `language` is that which it chooses,
    `switches_theme` that it does nothing but that, by a script. `tag` is the language of its words, if another one.
    """

    words: str
    english: str
    icon: str
    url: str
    language: str = ""
    switches_theme: bool = False
    tag: str = ""


class KnownPage(NamedTuple):
    """A page for those with a permission, None for every person; some are only for people of a department."""

    permission: str | None
    endpoint: str
    words: str
    icon: str
    is_of_department: bool = False


PAGES: Final = (
    KnownPage(None, "pages.account", N_("Your account"), "user"),
    KnownPage("incident.read", "pages.export_list", N_("Exports"), "download"),
    KnownPage("incident.read", "pages.wall", N_("Wall display"), "eye"),
    KnownPage("notice.acknowledge", "pages.handover_list", N_("Handovers of shifts"), "history"),
    KnownPage("message.read", "pages.dead_letter_list", N_("Undelivered messages"), "send"),
    KnownPage("organization.read", "pages.organization", N_("Which laws apply"), "scale"),
    KnownPage("organization.read", "pages.rule_set_list", N_("Rules of grading"), "scale"),
    KnownPage("organization.read", "pages.figure_list", N_("Figures to check"), "check"),
    KnownPage("secret.use", "pages.secrets", N_("Stored secrets"), "lock"),
    KnownPage("signer.read", "pages.signers", N_("Signers of playbooks"), "shield-check"),
    KnownPage("person.read", "pages.people", N_("People"), "users"),
    KnownPage("token.read", "pages.tokens", N_("Tokens"), "key"),
    KnownPage("access_log.read", "pages.access_log", N_("Access log"), "eye"),
    KnownPage("contact.read", "pages.channels", N_("Channels"), "send"),
    KnownPage("command.stop", "pages.machine_commands", N_("Machine commands"), "player-pause"),
    KnownPage("settings.write", "pages.environment", N_("Environment"), "adjustments"),
)

ACTIONS: Final = (
    KnownPage("incident.create", "pages.new_incident", N_("Log an incident"), "plus"),
    KnownPage("notice.acknowledge", "pages.new_handover", N_("Hand over the shift"), "arrow-right", True),
    KnownPage("drill.run", "pages.new_drill", N_("Start a drill"), "flag"),
    KnownPage("playbook.write", "pages.new_playbook", N_("Add a playbook"), "book"),
    KnownPage("source.write", "pages.new_source", N_("Add a source"), "plug"),
    KnownPage("system.write", "pages.new_system", N_("Add a system"), "devices"),
)


def pages_for(asking: Caller) -> list[Destination]:
    """Return the pages that the caller may open, those of the menu first."""
    entries = [KnownPage(*one[:4]) for one in entries_for(asking.viewer)]
    return list(_open_to(asking, [*entries, *PAGES]))


def actions_for(asking: Caller) -> list[Destination]:
    """Return what the caller may do from every page, and the choices of theme and language."""
    theme = N_("Switch between light and dark")
    languages = [
        Destination(NAMES[name], NAMES[name], "language", f"?lang={code}", code, tag=TAGS[name])
        for name, code in CODES.items()
        if name != current()
    ]
    return [*_open_to(asking, ACTIONS), Destination(gettext(theme), theme, "moon", "", switches_theme=True), *languages]


def _open_to(asking: Caller, known: Sequence[KnownPage]) -> Iterator[Destination]:
    return (
        Destination(gettext(one.words), one.words, one.icon, url_for(one.endpoint))
        for one in known
        if _is_open_to(asking, one)
    )


def _is_open_to(asking: Caller, page: KnownPage) -> bool:
    if page.is_of_department and (asking.person_id is None or asking.department_id is None):
        return False
    return asking.person_id is not None if page.permission is None else may(asking.viewer.role, page.permission)
