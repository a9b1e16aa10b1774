"""Changes of the people on an incident, in words."""

from collections.abc import Mapping
from typing import Any

from incident.core.incidents.roles import ROLES
from incident.web.i18n import gettext as _
from incident.web.i18n import spoken


def people_changes(after: Mapping[str, Any]) -> list[str]:
    """Return what an entry says about owner, roles and named people, by what stands after it."""
    parts = [owner_words(after)] if "owner" in after else []
    parts += [_role(name, after[name]) for name in ROLES if name in after]
    if "people" in after:
        named = ", ".join(spoken(one["name"]) for one in after["people"])
        parts.append(_("people named on it: %(names)s", names=named or _("no one")))
    return parts


def owner_words(after: Mapping[str, Any]) -> str:
    """Return what an entry says about the owner."""
    owner = after["owner"]
    return _("owner: %(name)s", name=spoken(owner["name"])) if owner else _("it no longer has an owner")


def _role(name: str, holder: Mapping[str, Any] | None) -> str:
    called = spoken(holder["name"]) if holder else _("no one")
    return _("liaison: %(name)s", name=called) if name == "liaison" else _("communication: %(name)s", name=called)
