"""Where a stored secret may be used: at origins (scheme, host and port), or on targets for ssh."""

import json
from collections.abc import Collection, Sequence
from typing import Final

from incident.core.playbooks.task import NO_PLACE, NO_SECRET, OTHER_PLACE
from incident.core.values.faults import RuleError

SSH: Final = "ssh"
"""The place that represents every target that is allowed for ssh."""

SSH_SCHEME: Final = "ssh://"
MAX_PLACES: Final = 20
PLACES_LIMIT: Final = 4_000
"""Maximum characters of all places of a secret together."""


def ssh_target_place(host: str, port: int) -> str:
    """Return the place of one target for ssh; an IPv6 address is in brackets."""
    return f"{SSH_SCHEME}[{host}]:{port}" if ":" in host else f"{SSH_SCHEME}{host}:{port}"


def join_places(places: Collection[str]) -> str:
    """Return the stored text of places, in canonical form: sorted, without duplicates.

    Raises:
        RuleError: `secret.place_missing`, `secret.places_many`, `secret.places_mixed`.
    """
    wanted = sorted(set(places))
    if not wanted:
        raise RuleError("secret.place_missing", pointer="/places")
    text = " ".join(wanted)
    if len(wanted) > MAX_PLACES or len(text) > PLACES_LIMIT:
        raise RuleError("secret.places_many", {"most": MAX_PLACES}, pointer="/places")
    if len({_is_ssh(place) for place in wanted}) > 1:
        raise RuleError("secret.places_mixed", pointer="/places")
    return text


def split_places(text: str | None) -> Sequence[str]:
    """Return the places of a stored text; none when no place was given yet."""
    return () if text is None else text.split(" ")


def refusal(text: str | None, place: str) -> str | None:
    """Return why a secret may not be used at a place (`core/playbooks/task.py`); None when it may.

    Args:
        text: its places, as stored; None when none was given yet.
        place: an origin, or a result of `ssh_target_place`.
    """
    if text is None:
        return NO_PLACE
    places = split_places(text)
    is_for_it = place in places or (SSH in places and place.startswith(SSH_SCHEME))
    return None if is_for_it else OTHER_PLACE


def secret_fault(why: str, name: str, place: str) -> str:
    """Return the fault and its remedy, in one line for the journal."""
    if why == NO_SECRET:
        return f"the secret {name} is not set: incident secret set {name} --for {place}"
    if why == NO_PLACE:
        return f"the secret {name} has no place where it may be used: incident secret place {name} --for {place}"
    return f"the secret {name} was not deposited for {place}, so nothing was sent there"


def binding(name: str, places: str | None) -> str:
    """Return the data that the sealed value of a secret is bound to: its name and its places."""
    # The form from before places existed ends differently from any JSON list.
    return f"secrets:{name}:sealed" if places is None else f"secrets:{json.dumps([name, places])}"


def _is_ssh(place: str) -> bool:
    return place == SSH or place.startswith(SSH_SCHEME)
