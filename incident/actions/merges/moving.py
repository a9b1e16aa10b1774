"""What a merge moves from the duplicate to the survivor, and an undo back, within the caller's transaction."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from incident.actions.reports import reports
from incident.actions.unit_of_work import UnitOfWork
from incident.store.db.database import db
from incident.store.incidents.evidence import Evidence, evidence_with_content, open_evidence_of
from incident.store.incidents.incidents import Incident, Indicator, indicators_of
from incident.store.incidents.merges import IncidentMerge
from incident.store.incidents.techniques import IncidentTechnique, technique_rows, techniques_of
from incident.store.reports.reports import ReportLink, report_links_of


def move_indicators(duplicate: Incident, survivor: Incident) -> dict[str, Any]:
    """Give the indicators of a duplicate to the survivor, each once; return what an undo needs."""
    its = indicators_of(duplicate.id)
    known = {(one.kind, one.value) for one in indicators_of(survivor.id)}
    added = list(dict.fromkeys((one.kind, one.value) for one in its if (one.kind, one.value) not in known))
    had = [(one.kind, one.value) for one in its]
    for row in its:
        db.session.delete(row)
    _add_indicators(survivor, added)
    return {"had": had, "added": added}


def return_indicators(duplicate: Incident, survivor: Incident, moved: Mapping[str, Any]) -> None:
    """Give the indicators of a duplicate back; the survivor loses those that only the merge brought."""
    brought = {tuple(one) for one in moved["added"]}
    for row in indicators_of(survivor.id):
        if (row.kind, row.value) in brought:
            db.session.delete(row)
    present = {(one.kind, one.value) for one in indicators_of(duplicate.id)}
    _add_indicators(duplicate, [(kind, value) for kind, value in moved["had"] if (kind, value) not in present])


def _add_indicators(incident: Incident, pairs: list[tuple[str, str]]) -> None:
    db.session.flush()
    db.session.add_all([Indicator(incident_id=incident.id, kind=kind, value=value) for kind, value in pairs])
    db.session.flush()


def move_techniques(duplicate: Incident, survivor: Incident) -> dict[str, Any]:
    """Give the techniques of a duplicate to the survivor, each once; return what an undo needs."""
    known, had, added = set(techniques_of(survivor.id)), list[dict[str, str]](), list[str]()
    for row in technique_rows(duplicate.id):
        had.append({"technique": row.technique, "added_at": row.added_at.isoformat(), "added_by": row.added_by})
        if row.technique not in known:
            added.append(row.technique)
            _add_technique(survivor, had[-1])
        db.session.delete(row)
    db.session.flush()
    return {"had": had, "added": added}


def return_techniques(duplicate: Incident, survivor: Incident, moved: Mapping[str, Any]) -> None:
    """Give the techniques of a duplicate back; the survivor loses those that only the merge brought."""
    for row in technique_rows(survivor.id):
        if row.technique in moved["added"]:
            db.session.delete(row)
    for one in moved["had"]:
        _add_technique(duplicate, one)
    db.session.flush()


def _add_technique(incident: Incident, one: Mapping[str, str]) -> None:
    at = dt.datetime.fromisoformat(one["added_at"])
    values = {"technique": one["technique"], "added_at": at, "added_by": one["added_by"]}
    db.session.add(IncidentTechnique(incident_id=incident.id, **values))


def move_reports(uow: UnitOfWork, duplicate: Incident, survivor: Incident) -> list[dict[str, Any]]:
    """Link the reports of a duplicate to the survivor instead; return what an undo needs."""
    known = {one.report_id for one in report_links_of(survivor.id)}
    moved = list[dict[str, Any]]()
    for link in report_links_of(duplicate.id):
        is_new = link.report_id not in known
        moved.append({"report": link.report_id, "linked_at": link.linked_at.isoformat(), "is_new": is_new})
        db.session.delete(link)
        if is_new:
            db.session.add(ReportLink(incident_id=survivor.id, report_id=link.report_id, linked_at=link.linked_at))
    db.session.flush()
    _settle(uow, [one["report"] for one in moved], survivor)
    return moved


def return_reports(uow: UnitOfWork, duplicate: Incident, survivor: Incident, moved: list[dict[str, Any]]) -> None:
    """Link the reports of a duplicate to it again; one that people unlinked from the survivor since stays so."""
    there = {one.report_id: one for one in report_links_of(survivor.id)}
    own = {one.report_id for one in report_links_of(duplicate.id)}
    for one in moved:
        link = there.get(one["report"])
        if one["is_new"] and link is None:
            continue
        if one["is_new"] and link is not None:
            db.session.delete(link)
        if one["report"] not in own:
            at = dt.datetime.fromisoformat(one["linked_at"])
            db.session.add(ReportLink(incident_id=duplicate.id, report_id=one["report"], linked_at=at))
    db.session.flush()
    _settle(uow, [one["report"] for one in moved], duplicate)


def _settle(uow: UnitOfWork, report_ids: list[int], incident: Incident) -> None:
    if report_ids:
        reports.settle_in(uow, incident)


def move_evidence(uow: UnitOfWork, merge: IncidentMerge, duplicate: Incident, survivor: Incident) -> list[int]:
    """Give the files of a duplicate to the survivor; the journal records each, the seals stay.

    A file of which the survivor has the same content stays where it is, with its custody.
    """
    return _hand_on(uow, merge, duplicate, survivor, None, {"from": duplicate.number})


def return_evidence(
    uow: UnitOfWork, merge: IncidentMerge, duplicate: Incident, survivor: Incident, moved: list[int]
) -> None:
    """Give the files that a merge moved back to the duplicate."""
    _hand_on(uow, merge, survivor, duplicate, frozenset(moved), {"is_undo": True})


def _hand_on(
    uow: UnitOfWork,
    merge: IncidentMerge,
    giver: Incident,
    taker: Incident,
    only: frozenset[int] | None,
    more: Mapping[str, Any],
) -> list[int]:
    moved = []
    for row in open_evidence_of(giver.id):
        if only is not None and row.id not in only:
            continue
        if row.state == "stored" and evidence_with_content(taker.id, row.sha256 or "") is not None:
            continue
        row.incident_id = taker.id
        moved.append(row.id)
        db.session.flush()
        if row.state != "receiving":
            _record(uow, merge, row, taker, more)
    return moved


def _record(uow: UnitOfWork, merge: IncidentMerge, row: Evidence, taker: Incident, more: Mapping[str, Any]) -> None:
    detail = {"name": row.name, "sha256": row.sha256, "merge": merge.id, **more}
    uow.record("evidence.moved", f"evidence:{row.id}", detail, taker.number)
