"""In how many incidents each technique of ATT&CK was seen, and how often playbooks ran."""

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import func, select

from incident.core.values.access import Viewer, sees_red
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.incidents.techniques import IncidentTechnique
from incident.store.playbooks.playbooks import Playbook
from incident.store.playbooks.runs import Run
from incident.store.queries.visibility import visible_incidents


def count_by_technique(viewer: Viewer, since: dt.datetime, until: dt.datetime) -> Mapping[str, int]:
    """Count the incidents in which each technique was seen, without exercises.

    Args:
        viewer: only incidents that they may see count.
        since: incidents opened from here (UTC).
        until: incidents opened before (UTC).
    """
    query = (
        select(IncidentTechnique.technique, func.count())
        .join(Incident, Incident.id == IncidentTechnique.incident_id)
        .where(Incident.opened_at >= since, Incident.opened_at < until, Incident.speed.is_(None))
        .group_by(IncidentTechnique.technique)
    )
    visible = visible_incidents(viewer)
    return dict(db.session.execute(query if visible is None else query.where(visible)).all())


def count_runs_by_version(viewer: Viewer, since: dt.datetime, until: dt.datetime) -> Mapping[str, int]:
    """Count the runs of each version of a playbook, by its content hash, without exercises.

    Args:
        viewer: only runs on incidents that they may see count, and TLP:RED ones only for who may see them.
        since: runs started from here (UTC).
        until: runs started before (UTC).
    """
    query = (
        select(Playbook.content_hash, func.count())
        .join_from(Run, Playbook, Playbook.id == Run.playbook_id)
        .join(Incident, Incident.id == Run.incident_id)
        .where(Run.started_at >= since, Run.started_at < until, Incident.speed.is_(None))
        .group_by(Playbook.content_hash)
    )
    if not sees_red(viewer):
        query = query.where(Run.is_red.is_(False))
    visible = visible_incidents(viewer)
    return dict(db.session.execute(query if visible is None else query.where(visible)).all())
