"""The access log: who has read what is confidential, one record for each person, object and hour."""

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal, get_args

ObjectKind = Literal["incident", "report", "contact", "person"]
"""What is recorded when it is read: incidents marked TLP:RED, and personal data."""

OBJECT_KINDS: Final[tuple[ObjectKind, ...]] = get_args(ObjectKind)

KEPT_FOR: Final = dt.timedelta(days=180)
"""How long a record is kept."""

LOST: Final = "lost"
"""Kind of the records that count reads which could not be recorded; the identifier is the name of the node."""


@dataclass(frozen=True, slots=True)
class ReadKey:
    """What one record is of.

    `owner` is who has read, such as `person:3`; `kind` and `identifier` name the object, an incident by its number;
    `hour_at` is the full hour (UTC).
    """

    owner: str
    kind: str
    identifier: str
    hour_at: dt.datetime


@dataclass(slots=True)
class Reads:
    """How often an object was read within the hour, and when first and last (UTC); `actor` is as the journal says."""

    actor: str
    first_at: dt.datetime
    last_at: dt.datetime
    count: int = 1


def hour_of(moment: dt.datetime) -> dt.datetime:
    """Return the full hour in which a moment lies."""
    return moment.replace(minute=0, second=0, microsecond=0)
