"""Why people get a task for a command that a machine was to carry out (P10, P14)."""

from collections.abc import Callable
from typing import Final

from incident.core.words import N_, fill

UNSURE: Final = "command.unsure"
NOT_ALLOWED: Final = "target.not_allowed"
NO_KEY: Final = "target.no_key"

WHY_WORDS: Final = {
    UNSURE: N_("find out whether it happened"),
    NOT_ALLOWED: N_("to be done by hand: the target is not allowed for ssh"),
    NO_KEY: N_("to be done by hand: no key is deposited for the target"),
}


def why_words(why: str, translate: Callable[[str], str] = N_) -> str:
    """The words for a reason; one without words is given back as it is."""
    return translate(WHY_WORDS[why]) if why in WHY_WORDS else why


def task_title(title: str, why: str | None, translate: Callable[[str], str] = N_) -> str:
    """The title of a task as people read it, with the reason why no machine does it."""
    if why is None:
        return title
    return fill(translate(N_("{title} ({why})")), {"title": title, "why": why_words(why, translate)})
