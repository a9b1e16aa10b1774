"""Whether the machinery is well: the clock, due timers, messages that wait, the journal's head."""

from incident.store import circuits, dead_letters, instance, journal, messages, overview, timers
from incident.web import access
from incident.web.auth import needs
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, show


@pages.get("/health")
@needs("journal.read")
def machinery() -> Page:
    """Show how the machinery is."""
    next_due_at = timers.next_due_at()
    oldest_at = messages.oldest_unsent_at()
    due, unsent = overview.pending_counts(now())
    return show(
        "machinery/machinery.html",
        circuits=circuits.open_circuits(),
        dead=dead_letters.count_dead(access.viewer()) if access.is_allowed("message.read") else 0,
        due=due,
        failing=overview.failing_timers(),
        head=journal.head(),
        is_late=next_due_at is not None and next_due_at < now(),
        last_at=instance.last_tick_at(),
        most=overview.COUNT_MOST,
        next_due_at=next_due_at,
        oldest_at=oldest_at,
        unsent=unsent,
    )
