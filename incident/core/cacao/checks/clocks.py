"""Checks of steps that a filing ends: where they may be, and that what they name exists (P19)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from incident.core.cacao.checks.shape_tables import CLOCK
from incident.core.cacao.checks.shapes import list_of, object_of, text_of
from incident.core.cacao.faults import Fault, error, pointer
from incident.core.cacao.values import Json
from incident.core.cacao.vocabulary import CLOCK_EXTENSION

Clocks = Mapping[str, Collection[str]]
"""The stages of every reporting regime, by its id."""


def clock_faults(document: Json, clocks: Clocks | None) -> Iterator[Fault]:
    """Return the faults of the steps that wait for a filing; without `clocks`, any regime and stage is taken."""
    for key, step in object_of(document, "workflow").items():
        extensions = object_of(step, "step_extensions")
        if CLOCK_EXTENSION not in extensions:
            continue
        place = ("workflow", key, "step_extensions", CLOCK_EXTENSION)
        shape = list(CLOCK.faults(extensions[CLOCK_EXTENSION], place))
        yield from shape
        name = text_of(step, "name") or key
        kinds = [text_of(one, "type") for one in list_of(step, "commands")]
        if text_of(step, "type") != "action" or kinds != ["manual"]:
            yield error("clock_misplaced", pointer(*place), "P19", step=name)
        if len(list_of(step, "out_args")) > 1:
            yield error("clock_results", pointer("workflow", key, "out_args"), "P19", step=name)
        if clocks is not None and not any(one.is_error for one in shape):
            yield from _unknown(extensions[CLOCK_EXTENSION]["clock"], clocks, (*place, "clock"), name)


def _unknown(clock: Json, clocks: Clocks, place: tuple[str, ...], step: str) -> Iterator[Fault]:
    regime, stage = clock["regime"], clock["stage"]
    if regime not in clocks:
        yield error(
            "regime_unknown", pointer(*place, "regime"), "P19", step=step, found=regime[:60], known=list(clocks)
        )
    elif stage not in clocks[regime]:
        known = list(clocks[regime])
        found = {"step": step, "found": stage[:60], "regime": regime, "known": known}
        yield error("stage_unknown", pointer(*place, "stage"), "P19", **found)
