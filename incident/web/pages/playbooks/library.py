"""The library of playbooks: search, purpose, types, usage, signature and approval; and who uses one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import request

from incident.actions.incidents.proposing import is_automated
from incident.actions.playbooks import playbook_loader, signatures
from incident.actions.playbooks.approval_status import approval_status, is_approval_demanded
from incident.actions.playbooks.playbook_facts import PlaybookFacts, facts_of_version, first_sentence, playbook_facts
from incident.actions.playbooks.runs import PROFILE
from incident.core.values.error_messages import N_
from incident.data.attack import technique_name
from incident.store.directory import departments
from incident.store.incidents.rules import rules_in_force
from incident.store.playbooks import playbooks as store
from incident.store.playbooks.playbooks import Playbook
from incident.store.queries.playbook_usage import Usage, usage_of
from incident.web.i18n import gettext as _
from incident.web.i18n import spoken
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, is_permitted, render
from incident.web.pages.states import Look
from incident.web.security import access
from incident.web.security.auth import needs

PAGE_SIZE: Final = 60
NO_FACTS: Final = PlaybookFacts("", (), (), {}, (), False)
TYPES: Final = {
    "notification": N_("notification"),
    "detection": N_("detection"),
    "investigation": N_("investigation"),
    "prevention": N_("prevention"),
    "mitigation": N_("containment"),
    "remediation": N_("recovery"),
    "attack": N_("attack"),
    "engagement": N_("engagement"),
}


@dataclass(frozen=True)
class LibraryRow:
    """A playbook in the list; `state` says why it may not start yet, or that it is signed."""

    row: Playbook
    purpose: str
    types: Sequence[str]
    techniques: Sequence[str]
    usage: Usage
    state: Look | None


@pages.get("/playbooks")
@needs("playbook.read")
def playbooks() -> Page:
    """List the newest version of each playbook, filtered by words and type."""
    rows = store.list_playbooks(access.viewer())
    facts = {row.content_hash: facts_in_library(row) for row in rows}
    types = sorted({kind for one in facts.values() for kind in one.types})
    wanted, kind = request.args.get("q", "").strip()[:200], request.args.get("type", "")
    found = [row for row in rows if _matches(row, facts[row.content_hash], wanted.casefold(), kind)]
    usage = usage_of(access.viewer(), [row.cacao_id for row in found[:PAGE_SIZE]])
    shown = [_row(row, facts[row.content_hash], usage) for row in found[:PAGE_SIZE]]
    return render(
        "playbooks/list.html",
        all=len(rows),
        count=len(found),
        kind=kind,
        rows=shown,
        types=[(one, type_words(one)) for one in types],
        wanted=wanted,
    )


def type_words(code: str) -> str:
    """Return the name of a type of playbooks."""
    return _(TYPES.get(code, code))


def facts_in_library(row: Playbook) -> PlaybookFacts:
    """Return the facts of a version of a playbook; none where it cannot be read."""
    try:
        return facts_of_version(row.content_hash)
    except (playbook_loader.PlaybookFaults, playbook_loader.VersionGone):
        return NO_FACTS


def _matches(row: Playbook, facts: PlaybookFacts, wanted: str, kind: str) -> bool:
    named = (*facts.labels, *map(type_words, facts.types), *map(technique_name, facts.techniques))
    text = " ".join((row.name, facts.description, *named)).casefold()
    return all(word in text for word in wanted.split()) and (not kind or kind in facts.types)


def _row(row: Playbook, facts: PlaybookFacts, usage: Mapping[str, Usage]) -> LibraryRow:
    return LibraryRow(
        row,
        first_sentence(spoken(facts.description)),
        [type_words(one) for one in facts.types],
        [technique_name(one) for one in facts.techniques],
        usage.get(row.cacao_id, Usage(0, None)),
        _state(row, facts),
    )


def _state(row: Playbook, facts: PlaybookFacts) -> Look | None:
    is_trusted = facts.is_signed and _is_trusted(row)
    if signatures.is_needed() and not is_trusted:
        return Look(_("signature missing"), "bad", "shield")
    if not is_trusted and is_approval_demanded() and is_automated(row):
        missing = approval_status(playbook_loader.bundle_for(row), PROFILE, now()).missing
        return Look(_("waiting for approval"), "warn", "hourglass") if missing else Look(_("approved"), "good", "users")
    return Look(_("signed"), "good", "shield-check") if is_trusted else None


def _is_trusted(row: Playbook) -> bool:
    document = playbook_loader.pinned({"main": row.content_hash, "called": {}}).main.document
    return signatures.verdict_on(document, now()).is_trusted


@dataclass(frozen=True)
class UsedBy:
    """Who uses a playbook: numbers of the routing rules (from 1), and playbooks that call it."""

    rules: Sequence[int]
    callers: Sequence[Playbook]


def used_by(row: Playbook) -> UsedBy:
    """Return the rules and the visible playbooks that name a playbook."""
    in_force = rules_in_force() if is_permitted("rules.read") else None
    sets = [rule.get("set") or {} for rule in (in_force.rules if in_force else ())]
    rules = [number for number, one in enumerate(sets, 1) if one.get("playbook") == row.cacao_id]
    others = store.list_playbooks(access.viewer())
    return UsedBy(rules, [one for one in others if row.cacao_id in facts_in_library(one).calls])


def missing_departments(named: Mapping[str, str]) -> dict[str, str]:
    """Return those titles of departments whose code no department has, by code."""
    known = departments.names_by_code()
    return {code: title for code, title in named.items() if code not in known}


@dataclass(frozen=True)
class AskedDepartment:
    """A department that a playbook asks, by its name here; `exists` is False when there is none of this code."""

    name: str
    exists: bool


def asked_departments(row: Playbook) -> list[AskedDepartment]:
    """Return the departments that a playbook asks, with those of the playbooks that it calls."""
    bundle = playbook_loader.bundle_for(row)
    titles: dict[str, str] = {}
    for one in (bundle.main, *bundle.called.values()):
        titles = {**playbook_facts(one).departments, **titles}
    known = departments.names_by_code()
    return [AskedDepartment(known.get(code, title), code in known) for code, title in titles.items()]


def departments_of(row: Playbook) -> Mapping[str, str]:
    """Return the titles of the departments that a playbook asks, by code."""
    return facts_in_library(row).departments
