"""The access log: who has read confidential data, one record for each person, object and hour."""

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal, get_args

ObjectKind = Literal["incident", "report", "contact", "person", "export", "evidence"]
"""The objects whose reading is recorded: incidents marked TLP:RED, personal data, evidence, exports."""

OBJECT_KINDS: Final[tuple[ObjectKind, ...]] = get_args(ObjectKind)

KEPT_FOR: Final = dt.timedelta(days=180)
"""Retention period of a record."""

LOST: Final = "lost"
"""Kind of the records that count reads which could not be recorded; the identifier is the node's name."""


@dataclass(frozen=True, slots=True)
class ReadKey:
    """The key of a record.

    `owner` is who has read, such as `person:3`; `kind` and `identifier` name the object, an incident by its number;
    `hour_at` is the full hour (UTC).
    """

    owner: str
    kind: str
    identifier: str
    hour_at: dt.datetime


@dataclass(slots=True)
class Reads:
    """Number of reads of an object within the hour, with the first and last (UTC); `actor` as in the journal."""

    actor: str
    first_at: dt.datetime
    last_at: dt.datetime
    count: int = 1


def hour_of(moment: dt.datetime) -> dt.datetime:
    """Return the full hour that contains a moment."""
    return moment.replace(minute=0, second=0, microsecond=0)
