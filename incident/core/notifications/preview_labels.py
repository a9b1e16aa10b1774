"""Texts of the warnings in a preview of an escalation."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from incident.core.notifications.policy import RecipientKind
from incident.core.values.error_messages import N_, fill

RECIPIENT_KIND_WORDS: Final[Mapping[RecipientKind, str]] = {
    "duty": N_("who is on duty"),
    "deputy": N_("deputies"),
    "head": N_("head"),
    "parent": N_("the department above"),
}

WARNINGS: Final[Mapping[str, str]] = {
    "nobody": N_("No one would be notified at any level."),
    "gap": N_("Level {level}: no one found ({notify})."),
    "desks": N_("Level {level}: there is no contact at this level."),
    "no_way": N_("Level {level}: {people} cannot be reached; add a contact."),
    "late_turn": N_("Level {level}: its last channel is used only after the next level is notified."),
    "year_unknown": N_("The calendar does not know the holidays of {year}."),
}


def warning_words(
    code: str, level: int | None, arguments: Mapping[str, Any], translate: Callable[[str], str] = N_
) -> str:
    """Return the sentence for a warning in the language of `translate`."""
    notify = [translate(RECIPIENT_KIND_WORDS[one]) for one in arguments.get("notify", ())]
    template = WARNINGS["desks" if code == "gap" and not notify else code]
    return fill(translate(template), {"level": level, **arguments, "notify": notify})
