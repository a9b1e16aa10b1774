"""The check of a document: all faults at once, each with its place (P5, P15, P17)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from incident.core.cacao.checks.clocks import Clocks, clock_faults
from incident.core.cacao.checks.definitions import definition_faults
from incident.core.cacao.checks.earlier_versions import earlier_faults, is_earlier
from incident.core.cacao.checks.flow import read_flow
from incident.core.cacao.checks.head import head_faults
from incident.core.cacao.checks.shapes import object_of
from incident.core.cacao.checks.steps import step_faults
from incident.core.cacao.checks.variables import variable_faults
from incident.core.cacao.faults import Fault, error
from incident.core.cacao.values import Json
from incident.core.cacao.vocabulary import MAX_FAULTS, MAX_STEPS


def check(document: object, is_lint: bool = False, clocks: Clocks | None = None) -> list[Fault]:
    """Return all faults of a document as a CACAO 2.0 playbook: errors first, at most a thousand.

    A secret written into the playbook is an error; `is_lint` makes it a warning, for checks without an import.
    `clocks` are the stages of every reporting regime, by its id (P19); None does not check whether those named exist.
    """
    if not isinstance(document, dict):
        return [error("not_an_object", "", "CACAO 2.0 section 3.1")]
    faults = list(islice(_all_faults(document, is_lint, clocks), MAX_FAULTS + 1))
    if len(faults) > MAX_FAULTS:
        faults[MAX_FAULTS:] = [error("more_faults", "", limit=MAX_FAULTS)]
    return sorted(faults, key=lambda fault: not fault.is_error)


def _all_faults(document: Json, is_lint: bool, clocks: Clocks | None) -> Iterator[Fault]:
    if is_earlier(document):
        yield from earlier_faults(document)
        return
    count = len(object_of(document, "workflow"))
    if count > MAX_STEPS:
        yield error("too_many_steps", "/workflow", count=count, limit=MAX_STEPS)
        return
    yield from head_faults(document)
    flow, faults = read_flow(document)
    yield from faults
    yield from step_faults(document)
    yield from clock_faults(document, clocks)
    yield from definition_faults(document, "warning" if is_lint else "error")
    yield from variable_faults(document, flow)
