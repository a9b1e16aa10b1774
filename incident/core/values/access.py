"""Access control: the permissions of each role, and the rules that depend on the object."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

Role = Literal["administrator", "coordinator", "responder", "department", "reader", "source", "monitor"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
ROLES_OF_PROGRAMS: Final[tuple[Role, ...]] = ("source", "monitor")
"""Roles that only tokens have: programs that send alerts, and programs that monitor this one."""

ROLES_OF_PEOPLE: Final[tuple[Role, ...]] = tuple(role for role in ROLES if role not in ROLES_OF_PROGRAMS)
Id = int | str
PLAYBOOK_RED: Final = "TLP:RED"
"""The marking of a playbook that only some people may see (CACAO 2.0 section 9.2)."""

_OWN_WORK: Final = frozenset(
    {
        "incident.read",
        "incident.acknowledge",
        "run.read",
        "task.read",
        "task.complete",
        "notice.read",
        "notice.acknowledge",
        "department.read",
        "drill.read",
        "organization.read",
        "override.write",
        "system.read",
        "document.read",
        "document.countersign",
        "custody.hold",
    }
)
_READING: Final = frozenset(
    {
        "incident.read",
        "run.read",
        "task.read",
        "notice.read",
        "department.read",
        "drill.read",
        "contact.read",
        "policy.read",
        "playbook.read",
        "rules.read",
        "source.read",
        "organization.read",
        "system.read",
        "maintenance.read",
        "signer.read",
        "journal.read",
        "document.read",
        "custody.hold",
    }
)
_RESPONDING: Final = (
    _READING
    | _OWN_WORK
    | {
        "incident.create",
        "incident.change",
        "note.write",
        "report.read",
        "report.link",
        "report.handle",
        "identity.request",
        "evidence.write",
        "run.start_proposed",
        "document.write",
        "document.review",
    }
)
_COORDINATING: Final = _RESPONDING | {
    "incident.close",
    "incident.override",
    "incident.reopen",
    "evidence.export",
    "evidence.remove",
    "run.start",
    "run.cancel",
    "run.steer",
    "secret.use",
    "view.share",
    "drill.run",
    "notice.withdraw",
    "playbook.write",
    "playbook.approve",
    "policy.write",
    "rules.write",
    "source.write",
    "system.write",
    "maintenance.write",
    "rota.write",
    "message.read",
    "message.send",
    "contact.test",
    "command.stop",
    "journal.check",
    "settings.read",
    "document.legal_review",
    "document.sign",
    "document.seal",
    "document.void",
    "document.read_work_secret",
    "identity.approve",
    "call.make",
    "custody.read",
}
_ADMINISTERING: Final = _COORDINATING | {
    "department.write",
    "contact.write",
    "person.read",
    "person.write",
    "token.read",
    "token.write",
    "target.read",
    "target.write",
    "secret.write",
    "signer.write",
    "alert.post",
    "metrics.read",
    "access_log.read",
    "subscription.read",
    "subscription.write",
    "organization.write",
    "settings.write",
    "document.configure",
    "custody.write",
}

PERMISSIONS: Final[Mapping[Role, frozenset[str]]] = {
    "administrator": _ADMINISTERING,
    "coordinator": _COORDINATING,
    "responder": _RESPONDING,
    "department": _OWN_WORK,
    "reader": _READING,
    "source": frozenset({"alert.post"}),
    "monitor": frozenset({"metrics.read"}),
}
ALL_PERMISSIONS: Final = frozenset().union(*PERMISSIONS.values())

_SEES_RED: Final = frozenset({"administrator", "coordinator"})
_ANSWERS_FOR_ANY: Final = frozenset({"administrator", "coordinator", "responder"})


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who requests access: the role, the departments of the person or token, and the person (None for a token)."""

    role: Role
    department_ids: frozenset[Id] = frozenset()
    person_id: Id | None = None


def viewer_of(role: str, department_id: int | None, person_id: int | None = None) -> Viewer:
    """Return the viewer for a person or a token, as stored.

    Args:
        role: a role; the columns of people and tokens hold no other words.
        department_id: the department, None for one without.
        person_id: the person, None for a token.
    """
    return Viewer(cast(Role, role), frozenset() if department_id is None else frozenset({department_id}), person_id)


@dataclass(frozen=True, slots=True)
class IncidentFacts:
    """The facts that decide about access to an incident.

    `department_ids` are the departments that were notified of it or have tasks in it; `named_person_ids` are the people
    named on it.
    """

    tlp: str | None = None
    department_ids: frozenset[Id] = frozenset()
    named_person_ids: frozenset[Id] = frozenset()


def may(role: Role, permission: str) -> bool:
    """Whether the role has the permission; the object may still refuse. Raises KeyError on an unknown permission."""
    if permission not in ALL_PERMISSIONS:
        raise KeyError(permission)
    return permission in PERMISSIONS[role]


def may_override(viewer: Viewer, position: str | None) -> bool:
    """Whether the viewer may enter overrides and leave into a rota.

    These are people who may edit rotas, and the head and deputies of its department. `position` is the viewer's
    position in the department of the rota, None when the viewer is not a member.
    """
    if may(viewer.role, "rota.write"):
        return True
    return may(viewer.role, "override.write") and position in {"head", "deputy"}


def may_see_incident(viewer: Viewer, incident: IncidentFacts) -> bool:
    """Whether the viewer may read the incident and everything in it (TLP 2.0: RED is for named people only)."""
    if not may(viewer.role, "incident.read"):
        return False
    if incident.tlp == "red":
        return viewer.role in _SEES_RED or viewer.person_id in incident.named_person_ids
    if viewer.role == "department":
        is_named = viewer.person_id in incident.named_person_ids
        return is_named or not viewer.department_ids.isdisjoint(incident.department_ids)
    return True


def needs_names(viewer: Viewer, tlp: str) -> bool:
    """Whether the departments and people on an incident of this marking decide if the viewer may see it."""
    return viewer.role == "department" or (tlp == "red" and viewer.role not in _SEES_RED)


def may_own(role: str) -> bool:
    """Whether people with this role may own incidents: those who may change them."""
    return "incident.change" in PERMISSIONS.get(cast(Role, role), ())


def may_see_playbook(viewer: Viewer, tlp: str | None) -> bool:
    """Whether the viewer may read a playbook with this marking (`TLP:RED` is for coordinators and administrators)."""
    return may(viewer.role, "playbook.read") and (tlp != PLAYBOOK_RED or viewer.role in _SEES_RED)


def sees_red(viewer: Viewer) -> bool:
    """Whether the viewer may see the runs and drills of playbooks that are marked `TLP:RED`."""
    return viewer.role in _SEES_RED


def may_see_task(viewer: Viewer, department_id: Id | None, *, is_red: bool) -> bool:
    """Whether the viewer may see a task of an incident that they may see.

    Args:
        viewer: who requests access.
        department_id: the department that is responsible for it, None when there is none.
        is_red: whether its run comes from a playbook marked `TLP:RED`.
    """
    if department_id in viewer.department_ids:
        return True
    return viewer.role != "department" and (sees_red(viewer) or not is_red)


def may_see_notice(viewer: Viewer, department_id: Id, incident: IncidentFacts) -> bool:
    """Whether the viewer may read that a department was notified.

    A department also sees its own notices of an incident of TLP:RED, without the content of the incident.
    """
    if viewer.role == "department":
        return department_id in viewer.department_ids
    return may(viewer.role, "notice.read") and may_see_incident(viewer, incident)


def may_acknowledge(viewer: Viewer, department_id: Id, incident: IncidentFacts) -> bool:
    """Whether the viewer may acknowledge for the department; its own members always may, because they were notified."""
    if department_id in viewer.department_ids and may(viewer.role, "notice.acknowledge"):
        return True
    return viewer.role in _ANSWERS_FOR_ANY and may_see_incident(viewer, incident)


def may_file_for(viewer: Viewer, department_id: Id, incident: IncidentFacts) -> bool:
    """Whether the viewer may file the report that a department owes: its members, and coordinators for it."""
    if not may(viewer.role, "task.complete") or not may_see_incident(viewer, incident):
        return False
    return sees_red(viewer) or department_id in viewer.department_ids


def may_be_given_task(role: str, department_id: Id | None, of_task: Id | None) -> bool:
    """Whether a person of this role and department may be given a task of the department `of_task`."""
    if "task.complete" not in PERMISSIONS.get(cast(Role, role), ()):
        return False
    return role in _ANSWERS_FOR_ANY or (department_id is not None and department_id == of_task)


def may_complete_task(viewer: Viewer, department_ids: frozenset[Id], incident: IncidentFacts) -> bool:
    """Whether the viewer may complete a task of these departments; never without access to the incident."""
    if not may(viewer.role, "task.complete") or not may_see_incident(viewer, incident):
        return False
    return viewer.role in _ANSWERS_FOR_ANY or not viewer.department_ids.isdisjoint(department_ids)
