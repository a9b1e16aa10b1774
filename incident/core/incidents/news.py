"""The news of followers of an incident, when they are mailed, and the people whom a note mentions."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal[
    "grade", "status", "owner", "closed", "deadline", "mentioned", "declined", "action", "action_due", "paperwork"
]

READ_KEPT_FOR: Final = dt.timedelta(days=14)
KEPT_FOR: Final = dt.timedelta(days=90)

MAIL_AFTER: Final = dt.timedelta(minutes=2)
"""How long a mail waits for further changes, and for its reader to read the first one on screen."""

MAIL_PAUSE: Final = dt.timedelta(minutes=10)
"""The least time between two mails about one incident to one person."""

MENTION: Final = re.compile(r"(?<![\w@./-])@([\w][\w.-]{0,59})")
MAX_MENTIONS: Final = 50


def mentioned_logins(text: str) -> list[str]:
    """Return the sign-in names that a note mentions with `@`, each once; whether anybody has them is not known."""
    found = dict.fromkeys(mention[1].rstrip(".") for mention in MENTION.finditer(text))
    return list(found)[:MAX_MENTIONS]


@dataclass(frozen=True, slots=True)
class NewsMail:
    """What a mail tells a follower of an incident: the kinds of changes with their words, the oldest first."""

    number: str
    title: str
    tlp: str
    is_exercise: bool
    changes: Sequence[tuple[Kind, str]]

    @property
    def is_withheld(self) -> bool:
        """Whether the incident is TLP:RED, so that none of its content may be sent."""
        return self.tlp == "red"
