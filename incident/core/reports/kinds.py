"""Kinds of reports, ways in, and the two emergencies."""

from typing import Final, Literal, get_args

Kind = Literal["tip", "claim", "help", "question", "suggestion"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""A tip about others, a claim of one's own right, a call for help, a question, a suggestion."""

Channel = Literal["web", "phone", "email", "letter", "visit", "api"]
CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)

STAFF_CHANNELS: Final[tuple[Channel, ...]] = ("phone", "letter", "visit", "email")
"""Ways in that the desk enters."""

SPOKEN_CHANNELS: Final[frozenset[Channel]] = frozenset({"phone", "visit"})
"""Ways in where somebody speaks, so that what was written down is read back."""

Emergency = Literal["danger", "money"]
EMERGENCIES: Final[tuple[Emergency, ...]] = get_args(Emergency)
"""Danger to life, and money that was sent within the last hours."""

Protection = Literal["protected", "sealed", "anonymous"]
PROTECTIONS: Final[tuple[Protection, ...]] = get_args(Protection)

LOSS_LIMIT: Final = 10**12
"""The largest loss that can be stated, in whole units of the currency."""

URL_LIMIT: Final = 2_000
EVIDENCE_LIMIT: Final = 5_000
MESSAGE_LIMIT: Final = 5_000
