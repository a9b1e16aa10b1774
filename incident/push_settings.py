"""The setting of the push services of browsers that messages may go to."""

from collections.abc import Callable

from incident.core.delivery.push import KNOWN_HOSTS, is_host_entry

__all__ = ["KNOWN_HOSTS", "read_push_hosts"]

NAME = "INCIDENT_PUSH_HOSTS"


def read_push_hosts(text: Callable[[str, str], str], fault: Callable[[str, str, str], None]) -> tuple[str, ...]:
    """Return the push services that are allowed; `none` allows none.

    Args:
        text: reads a variable, with a default.
        fault: notes a fault: the variable, what is wrong, and a hint.
    """
    given = text(NAME, ",".join(KNOWN_HOSTS)).lower()
    if given == "none":
        return ()
    found = tuple(filter(None, (part.strip() for part in given.split(","))))
    for one in found:
        if not is_host_entry(one):
            hint = "Write host names with commas, such as fcm.googleapis.com or *.push.apple.com, or none."
            fault(NAME, f"{one!r} is no push service", hint)
    return found
