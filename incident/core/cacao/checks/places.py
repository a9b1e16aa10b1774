"""Checks where variables of machine commands are inserted: shells, request bodies, ssh hosts (P18)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from incident.core.cacao.checks.shapes import Path, list_of, object_of, text_of
from incident.core.cacao.faults import Fault, error, pointer, warning
from incident.core.cacao.placing import command_findings, host_findings
from incident.core.cacao.values import Json
from incident.core.cacao.vocabulary import HTTP_COMMANDS, UNQUOTED_EXTENSION

CLAUSE = "P18"


def unquoted_names(document: Json, step: Any) -> frozenset[str]:
    """Return the variables that a step inserts unquoted; none unless the playbook declares the extension."""
    if UNQUOTED_EXTENSION not in object_of(document, "extension_definitions"):
        return frozenset()
    extension = object_of(object_of(step, "step_extensions"), UNQUOTED_EXTENSION)
    return frozenset(name for name in list_of(extension, "variables") if isinstance(name, str))


def place_faults(
    step: Json, goals: Collection[Any], is_people: bool, plain: frozenset[str], path: Path
) -> Iterator[Fault]:
    """Return faults of values inserted into commands; people, who review what they copy, get warnings only."""
    refuse = warning if is_people else error
    for index, command in enumerate(list_of(step, "commands")):
        if not isinstance(command, dict):
            continue
        place = (*path, "commands", index)
        for one in command_findings(command, plain):
            if is_people and not one.is_unfit:
                continue
            tell = refuse if one.is_unfit else warning
            where = one.where or f"{one.name}:value"
            yield tell(one.code, pointer(*place, one.property), CLAUSE, name=one.name, where=where)
        if not is_people and text_of(command, "type") in HTTP_COMMANDS:
            for goal in goals:
                for one in host_findings(goal):
                    yield error(one.code, pointer(*place), CLAUSE, name=one.name, where=one.where)
