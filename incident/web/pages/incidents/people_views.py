"""The people on an incident: owner, roles, those named on it, and those who may be chosen."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from incident.core.incidents.roles import ROLES
from incident.core.values.form_merge import fingerprints
from incident.store.db.database import db
from incident.store.directory.people import Person, people_of
from incident.store.incidents.followers import is_following
from incident.store.incidents.incidents import Incident
from incident.store.incidents.roles import holders_of
from incident.web.i18n import gettext as _
from incident.web.i18n import spoken
from incident.web.pages.frame import is_permitted
from incident.web.pages.incidents.task_views import possible_owners
from incident.web.pages.playbooks.assignees import people_here
from incident.web.security.auth import require_caller

Choice = tuple[str, str]
"""The login and the name of a person."""


@dataclass(frozen=True)
class RoleView:
    """A role on an incident: who holds it, and who may be given it by the viewer."""

    name: str
    label: str
    holder: Person | None
    choices: Sequence[Choice]


@dataclass(frozen=True)
class PeopleView:
    """The people on an incident; `named` hold no role, `unnamed` may be named by the viewer.

    `logins` are those of owner and role holders as the form has them.
    """

    roles: Sequence[RoleView]
    named: Sequence[Person]
    unnamed: Sequence[Choice]
    logins: Mapping[str, str]
    seen: str
    may_assign: bool
    is_following: bool | None
    """Whether the viewer follows the incident; None for a program, which cannot."""


def role_texts(incident: Incident) -> Mapping[str, str]:
    """Return the logins of owner and role holders as the form has them; empty for nobody."""
    return _logins_of(_holders(incident))


def _logins_of(holders: Mapping[str, Person | None]) -> Mapping[str, str]:
    return {name: "" if one is None else one.login for name, one in holders.items()}


def _holders(incident: Incident) -> Mapping[str, Person | None]:
    found: dict[str, int | None] = {"owner": incident.owner_id, **holders_of(incident.id)}
    ids = {name: found.get(name) for name in ("owner", *ROLES)}
    return {name: db.session.get(Person, one) if one else None for name, one in ids.items()}


def role_words(name: str) -> str:
    """Return the word for owner or a role."""
    return {"owner": _("Owner"), "liaison": _("Liaison"), "communication": _("Communication")}[name]


def people_view(incident: Incident, named_ids: Collection[int]) -> PeopleView:
    """Return the people on an incident.

    Args:
        incident: an incident that the viewer may see.
        named_ids: the people named on it.
    """
    holders, person_id = _holders(incident), require_caller().person_id
    may_assign = incident.status != "closed" and is_permitted("incident.change")
    everybody = [(one.login, spoken(one.name)) for one in people_here()] if may_assign else []
    choices = {"owner": possible_owners() if may_assign else ()}
    roles = [RoleView(name, role_words(name), one, choices.get(name, everybody)) for name, one in holders.items()]
    named = sorted(people_of(named_ids), key=lambda one: one.name)
    logins = _logins_of(holders)
    taken = {one.login for one in named}
    return PeopleView(
        roles=roles,
        named=[one for one in named if one not in holders.values()],
        unnamed=[one for one in everybody if one[0] not in taken],
        logins=logins,
        seen=fingerprints(logins),
        may_assign=may_assign,
        is_following=None if person_id is None else is_following(incident.id, person_id),
    )
