"""How often playbooks were started and when last, on incidents that the viewer may see."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from sqlalchemy import func, select, true
from sqlalchemy.orm import aliased

from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.playbooks.playbooks import Playbook
from incident.store.playbooks.runs import Run
from incident.store.queries.visibility import visible_incidents

MAX_COUNTED: Final = 100
"""Upper limit of the count of one playbook, so that it costs the same on a large instance."""


class Usage(NamedTuple):
    """How often a playbook was started, at most `MAX_COUNTED`, and when last."""

    times: int
    last_at: dt.datetime | None


def usage_of(viewer: Viewer, cacao_ids: Collection[str]) -> Mapping[str, Usage]:
    """Return the usage of playbooks by their CACAO ids; drills are not counted."""
    version = aliased(Playbook)
    condition = visible_incidents(viewer)
    its_runs = (
        select(Run.started_at)
        .join(version, version.id == Run.playbook_id)
        .join(Incident, Incident.id == Run.incident_id)
        .where(version.cacao_id == Playbook.cacao_id, Incident.speed.is_(None))
        .where(true() if condition is None else condition)
        .correlate(Playbook)
    )
    few = its_runs.limit(MAX_COUNTED).subquery()
    query = select(
        Playbook.cacao_id,
        select(func.count()).select_from(few).scalar_subquery(),
        its_runs.order_by(Run.started_at.desc()).limit(1).scalar_subquery(),
    )
    rows = db.session.execute(query.where(Playbook.cacao_id.in_(list(cacao_ids))).distinct())
    return {cacao_id: Usage(times, last_at) for cacao_id, times, last_at in rows}
