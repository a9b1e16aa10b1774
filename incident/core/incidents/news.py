"""The news of followers of an incident, how long they are kept, and the people whom a note mentions."""

import datetime as dt
import re
from typing import Final, Literal

Kind = Literal["grade", "status", "closed", "mentioned"]

READ_KEPT_FOR: Final = dt.timedelta(days=14)
KEPT_FOR: Final = dt.timedelta(days=90)

MENTION: Final = re.compile(r"(?<![\w@./-])@([\w][\w.-]{0,59})")
MAX_MENTIONS: Final = 50


def mentioned_logins(text: str) -> list[str]:
    """Return the sign-in names that a note mentions with `@`, each once; whether anybody has them is not known."""
    found = dict.fromkeys(mention[1].rstrip(".") for mention in MENTION.finditer(text))
    return list(found)[:MAX_MENTIONS]
