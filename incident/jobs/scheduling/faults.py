"""How jobs log faults: an outage of the database in one line, any other fault with its traceback."""

from typing import Any

import structlog

from incident.store.db.outage import driver_words, outage_of

log = structlog.get_logger()


def log_fault(error: Exception, event: str, **details: Any) -> bool:
    """Log a fault that a job caught; return whether it is an outage of the database.

    Args:
        error: the fault.
        event: what failed, for any other fault.
        details: further members of that line.
    """
    if (outage := outage_of(error)) is None:
        log.error(event, exc_info=error, **details)
        return False
    log.error("the database does not respond: waiting", outage=outage, error=driver_words(error))
    return True
