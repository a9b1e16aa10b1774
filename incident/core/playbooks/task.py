"""Reasons why people get a task for a command that is not manual (P10, P12, P14)."""

from collections.abc import Callable
from typing import Final

from incident.core.cacao.vocabulary import (
    AGENT_IS_PEOPLE,
    NO_EXECUTOR,
    UNFIT_PLACE,
    UNKNOWN_AUTHENTICATION,
    UNKNOWN_COMMAND,
)
from incident.core.values.error_messages import N_, fill

UNSURE: Final = "command.unsure"
NOT_ALLOWED: Final = "target.not_allowed"
NO_KEY: Final = "target.no_key"
NO_SECRET: Final = "secret.absent"  # noqa: S105  # a word, no secret
NO_PLACE: Final = "secret.no_place"
OTHER_PLACE: Final = "secret.other_place"

WHY_WORDS: Final = {
    UNSURE: N_("find out whether it happened"),
    NOT_ALLOWED: N_("do this manually: ssh is not allowed to the target"),
    NO_KEY: N_("do this manually: no key is stored for the target"),
    NO_SECRET: N_("do this manually: the secret it signs in with is not stored"),
    NO_PLACE: N_("do this manually: where its secret may be used is not set yet"),
    OTHER_PLACE: N_("do this manually: the secret it signs in with may not be sent to this address"),
    AGENT_IS_PEOPLE: N_("do this manually: the playbook asks people to carry out this command"),
    UNKNOWN_COMMAND: N_("do this manually: this system does not know this type of command"),
    NO_EXECUTOR: N_("do this manually: this system cannot carry out this type of command"),
    UNFIT_PLACE: N_("do this manually: a value is in a place where this system cannot make it safe"),
    UNKNOWN_AUTHENTICATION: N_("do this manually: this system does not know this way to sign in"),
}


def why_words(why: str, translate: Callable[[str], str] = N_) -> str:
    """Return the text of a reason; one without a text is returned unchanged."""
    return translate(WHY_WORDS[why]) if why in WHY_WORDS else why


def task_title(title: str, why: str | None, translate: Callable[[str], str] = N_) -> str:
    """Return the title of a task for display, with the reason why no machine performs it."""
    if why is None:
        return title
    return fill(translate(N_("{title} ({why})")), {"title": title, "why": why_words(why, translate)})
