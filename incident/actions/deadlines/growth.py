"""Numbers that grow: the grading that was acted on, and the timer of the next grade that they reach."""

from incident.actions.graded_facts import grading_of
from incident.actions.rule_set_versions import rule_sets_of
from incident.actions.timing import insert_timer
from incident.actions.unit_of_work import UnitOfWork
from incident.store.deadlines.incident_gradings import GROWTH, add_incident_grading
from incident.store.incidents.incidents import Incident
from incident.store.playbooks.timers import cancel_timers


def keep_grading(uow: UnitOfWork, incident: Incident) -> None:
    """Store what a locked incident's answers prove, as acted on in the caller's transaction, and time what follows.

    The timer is set to the moment at which a growing number reaches the next grade; the one before is cancelled.
    """
    uow.flush()
    grading = grading_of(incident, uow.now)
    row = add_incident_grading(incident.id)
    row.certain, row.possible = grading.certain, grading.possible
    row.rule_sets = {one.id: one.content_hash for one in rule_sets_of(incident)}
    cancel_timers(GROWTH, incident.id, uow.now)
    if grading.following:
        insert_timer(uow, GROWTH, grading.following[0].at, GROWTH, incident.id, incident.id)
