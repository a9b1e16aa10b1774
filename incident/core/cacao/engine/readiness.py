"""Whether a playbook may start: its validity period, the playbooks that it calls, and its external values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from incident.core.cacao.engine.ordering import is_for_machine
from incident.core.cacao.faults import Fault, error, pointer, warning
from incident.core.cacao.model import Playbook, PlaybookBundle, Profile, Step
from incident.core.cacao.values import Value
from incident.core.cacao.variables import Mistyped, conform
from incident.core.cacao.vocabulary import MAX_CALL_DEPTH

Find = Callable[[str, str], Playbook | None]


def startable(playbook: Playbook, now: datetime) -> Fault | None:
    """Return why a playbook does not start at a moment, in UTC; None when it does (CACAO 2.0 section 3.1)."""
    if playbook.is_revoked:
        return error("revoked", "/revoked", "CACAO 2.0 section 3.1", playbook=playbook.id)
    for name, is_out in (
        ("valid_from", playbook.valid_from is not None and now < playbook.valid_from),
        ("valid_until", playbook.valid_until is not None and now >= playbook.valid_until),
    ):
        if is_out:
            since = str(playbook.document[name])
            return error(f"out_of_{name}", f"/{name}", "CACAO 2.0 section 3.1", playbook=playbook.id, at=since)
    return None


def gather(main: Playbook, find: Find) -> PlaybookBundle:
    """Collect a playbook and all that it calls, each in one version (P11).

    `find` returns the playbook of an id and version ("" for the latest), or None. Missing ones are left out, and
    `bundle_faults` reports them.
    """
    called: dict[str, Playbook] = {}
    waiting = [main]
    while waiting:
        for step in waiting.pop().steps.values():
            key = f"{step.playbook_id}@{step.playbook_version}" if step.playbook_version else step.playbook_id
            if not step.playbook_id or key in called:
                continue
            found = find(step.playbook_id, step.playbook_version)
            if found is not None:
                called[key] = found
                waiting.append(found)
    return PlaybookBundle(main, called)


def bundle_faults(bundle: PlaybookBundle) -> list[Fault]:
    """Return the faults between a playbook and those it calls: missing, endless, arguments that do not fit."""
    faults: list[Fault] = []
    for key in ("", *bundle.called):
        playbook = bundle.playbook(key)
        for step in _calls_in(playbook):
            faults += _call_faults(bundle, playbook, step)
    return faults + _depth_faults(bundle)


def start_faults(
    bundle: PlaybookBundle, values: Mapping[str, object], now: datetime
) -> tuple[list[Fault], dict[str, Value]]:
    """Return all faults that prevent the start of a run, and the values in their stored form."""
    faults = [fault for one in (bundle.main, *bundle.called.values()) if (fault := startable(one, now))]
    faults += [fault for fault in bundle_faults(bundle) if fault.is_error]
    fitted: dict[str, Value] = {}
    for name, wanted in bundle.main.externals.items():
        place = pointer("playbook_variables", name)
        value = values.get(name, wanted.value)
        try:
            fitted[name] = conform(wanted.type, value)
        except Mistyped:
            faults.append(error("value_mistyped", place, "CACAO 2.0 section 10.18", names=[name], type=wanted.type))
            continue
        if fitted[name] is None:
            faults.append(error("value_missing", place, "CACAO 2.0 section 10.18", names=[name], type=wanted.type))
    known = bundle.main.externals
    unasked = [name for name in values if name not in known]
    faults += [error("value_not_asked", "/playbook_variables", names=[name]) for name in unasked]
    return faults, fitted


def result_faults(types: Mapping[str, str], values: Mapping[str, object]) -> list[Fault]:
    """Return the results of a task that do not fit; `types` are the `out_variables` of the task."""
    faults: list[Fault] = []
    for name, value in values.items():
        if name not in types:
            faults.append(error("value_not_asked", pointer("variables", name), names=[name]))
            continue
        try:
            conform(types[name], value)
        except Mistyped:
            faults.append(error("value_mistyped", pointer("variables", name), names=[name], type=types[name]))
    return faults


def tasks_instead(playbook: Playbook, profile: Profile) -> list[Fault]:
    """Return, before a run starts, which machine commands will become tasks for people (P10)."""
    return [
        warning("command_by_people", pointer("workflow", step.id, "commands", index), "P10", type=command.kind)
        for step in playbook.steps.values()
        for index, command in enumerate(step.commands)
        if command.kind != "manual" and not is_for_machine(playbook, step, command, profile)
    ]


def _calls_in(playbook: Playbook) -> list[Step]:
    return [step for step in playbook.steps.values() if step.type == "playbook-action"]


def _call_faults(bundle: PlaybookBundle, playbook: Playbook, step: Step) -> list[Fault]:
    place = pointer("workflow", step.id, "playbook_id")
    clause = "CACAO 2.0 section 4.6"
    found = bundle.key_of(step.playbook_id, step.playbook_version)
    if found is None:
        args = {"caller": playbook.id, "playbook": step.playbook_id, "version": step.playbook_version}
        return [error("call_unknown", place, clause, **args)]
    called = bundle.playbook(found)
    faults = [
        warning("call_argument", pointer("workflow", step.id, list_name), clause, name=name, playbook=called.id)
        for list_name, names in (("in_args", step.in_args), ("out_args", step.out_args))
        for name in names
        if name not in called.variables
    ]
    missing = [name for name, one in called.externals.items() if one.value is None and name not in step.in_args]
    if missing:
        faults.append(error("call_values", place, clause, names=missing, playbook=called.id))
    return faults


def _depth_faults(bundle: PlaybookBundle) -> list[Fault]:
    """Follow the calls level by level; one that still occurs on a level too deep is recursive, or too deep."""
    level = {""}
    for _ in range(MAX_CALL_DEPTH + 1):
        level = {
            key
            for caller in level
            for step in _calls_in(bundle.playbook(caller))
            if (key := bundle.key_of(step.playbook_id, step.playbook_version)) is not None
        }
    if not level:
        return []
    return [error("call_deep", "/workflow", "P11", playbook=bundle.main.id, limit=MAX_CALL_DEPTH)]
