"""Settings of alarms about this system itself: where they go, and the secret that signs them."""

from collections.abc import Callable

Text = Callable[[str, str], str]
Fault = Callable[[str, str, str], None]


def read_alarm_to(text: Text, fault: Fault) -> tuple[str, ...]:
    """Return where alarms go, in the order in which they are tried.

    Args:
        text: returns a variable, or the default.
        fault: records what is wrong with a variable, and a hint.
    """
    name = "INCIDENT_ALARM_TO"
    found = tuple(filter(None, (part.strip() for part in text(name, "").split(","))))
    for place, one in enumerate(found, 1):
        kind, _, rest = one.partition(":")
        if not (kind.isascii() and kind.isalpha() and len(rest.strip("/")) > 2):
            hint = "Write mailto:duty@example.org, https://..., or a channel and its address, such as sms:+4912345."
            fault(name, f"number {place} is no address", hint)
    return found


def read_alarm_secret(text: Text, fault: Fault) -> str | None:
    """Return the secret that signs alarms, None without one; the arguments are those of `read_alarm_to`."""
    name = "INCIDENT_ALARM_SECRET"
    given = text(name, "")
    if given and not given.startswith("whsec_"):
        fault(name, "is no secret of a webhook", "It is whsec_ and 24 to 64 random bytes in Base64.")
    return given or None
