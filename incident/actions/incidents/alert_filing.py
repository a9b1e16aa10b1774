"""What a transaction that receives alerts reads and indexes once for all of them."""

from dataclasses import dataclass, field

from incident.actions.unit_of_work import UnitOfWork
from incident.store.incidents import incidents
from incident.store.incidents.incidents import Alert as AlertRow
from incident.store.incidents.incidents import Incident
from incident.store.queries import search


@dataclass
class AlertFiling:
    """What a transaction indexes at its end: alerts that joined an incident, with their words, and incidents by id.

    Of the incidents to which alerts were attached as to a group, those with new indicators are indexed again.
    """

    alerts: list[tuple[AlertRow, list[str]]] = field(default_factory=list)
    groups: dict[int, Incident] = field(default_factory=dict)
    with_indicators: set[int] = field(default_factory=set)
    about: dict[int, list[str]] = field(default_factory=dict)
    indicators: dict[int, set[tuple[str, str]]] = field(default_factory=dict)


def filing_of(uow: UnitOfWork) -> AlertFiling:
    """Return what the transaction will index."""
    found: AlertFiling = uow.cache.setdefault(AlertFiling, AlertFiling())
    return found


def words_about(uow: UnitOfWork, incident: Incident) -> list[str]:
    """Return the words of the incident with which an alert of it is found together."""
    about = filing_of(uow).about
    if incident.id not in about:
        about[incident.id] = search.terms_of([incident.number, incident.title, incident.category])
    return about[incident.id]


def known_indicators(uow: UnitOfWork, incident: Incident) -> set[tuple[str, str]]:
    """Return the indicators of an incident, read once in a transaction: each query writes what waits before it."""
    known = filing_of(uow).indicators
    if incident.id not in known:
        known[incident.id] = {(row.kind, row.value) for row in incidents.indicators_of(incident.id)}
    return known[incident.id]


def file_alerts_in(uow: UnitOfWork) -> None:
    """Index the alerts that joined an incident, and once for all of them the incidents of groups."""
    filing: AlertFiling | None = uow.cache.get(AlertFiling)
    if filing is None:
        return
    uow.flush()
    search.file_alerts(filing.alerts)
    for incident in filing.groups.values():
        if incident.id in filing.with_indicators:
            search.file_change(incident, search.terms_after(incident.id, search.Change()))
        incident.version += 1
