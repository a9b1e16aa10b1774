"""Maintenance windows: how long they may be, and which alerts fall in them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from incident.core.values.faults import RuleError, raise_all
from incident.core.values.text import LABEL_LIMIT, LABEL_NAME_LIMIT, is_plain

MAX_LENGTH: Final = timedelta(days=30)
MAX_LABELS: Final = 20
MAX_WINDOWS: Final = 1_000
REASON_LIMIT: Final = 500
KEPT_FOR: Final = timedelta(days=180)
"""How long a window is kept after its end, with the alerts that it held."""

GRAVEST: Final = 1
"""An alert of this grade opens its incident despite a window."""


@dataclass(frozen=True, slots=True)
class WindowScope:
    """A window as decisions about alerts need it; a condition that is empty is met by every alert."""

    id: int
    begins_at: datetime
    ends_at: datetime
    source: str | None = None
    system_id: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    def holds(self, now: datetime, source: str, labels: Mapping[str, str], system_ids: Collection[int]) -> bool:
        """Whether an alert that comes now falls in the window: all of its conditions are met."""
        return (
            self.begins_at <= now < self.ends_at
            and self.source in (None, source)
            and (self.system_id is None or self.system_id in system_ids)
            and all(labels.get(name) == value for name, value in self.labels.items())
        )


def holding_window(
    windows: Iterable[WindowScope],
    now: datetime,
    source: str,
    labels: Mapping[str, str],
    system_ids: Collection[int],
    grade: int | None,
) -> WindowScope | None:
    """Return the window that holds an alert, the one that ends last; None when its incident is opened.

    Args:
        windows: those that may be in force.
        now: when the alert came (UTC).
        source: who sent it.
        labels: those of the alert.
        system_ids: the systems that it is about.
        grade: as the alert or the routing rules say; a grade 1 is never held.
    """
    if grade == GRAVEST:
        return None
    holding = [one for one in windows if one.holds(now, source, labels, system_ids)]
    return max(holding, key=lambda one: (one.ends_at, one.id), default=None)


def require_span(begins_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Refuse a window that ends before it begins or now, or that lasts too long.

    Raises:
        RuleError: `window.over`, `span.ends_before`, `window.too_long`, at `/ends_at`.
    """
    if ends_at <= now:
        raise RuleError("window.over", pointer="/ends_at")
    if ends_at <= begins_at:
        raise RuleError("span.ends_before", pointer="/ends_at")
    if ends_at - begins_at > MAX_LENGTH:
        raise RuleError("window.too_long", {"days": MAX_LENGTH.days}, pointer="/ends_at")


def require_scope(source: str | None, system: str | None, labels: Mapping[str, str]) -> None:
    """Refuse a window without any condition, which would hold every alert, and labels that none can have.

    Raises:
        RuleError: `window.no_scope`, `window.labels`.
    """
    if not (source or system or labels):
        raise RuleError("window.no_scope", pointer="/source")
    faults = []
    for name, value in labels.items():
        is_fit = 0 < len(name) <= LABEL_NAME_LIMIT and 0 < len(value) <= LABEL_LIMIT
        if not is_fit or not (is_plain(name) and is_plain(value)) or len(labels) > MAX_LABELS:
            faults.append(RuleError("window.labels", {"most": MAX_LABELS}, pointer="/labels"))
    raise_all(faults[:1])
