"""Settings of the telephone system that calls reporters for the desk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

Text = Callable[[str, str], str]
Fault = Callable[[str, str, str], None]

CALL_URL = "INCIDENT_CALL_URL"


@dataclass(frozen=True)
class CallSettings:
    """Where calls are requested with a POST, and the headers of it, such as an authorization."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


def read_call_settings(text: Text, fault: Fault, headers: Callable[[str], Mapping[str, str]]) -> CallSettings | None:
    """Read the telephone system, None where there is none.

    Args:
        text: returns a variable, or the default.
        fault: records what is wrong with a variable, and a hint.
        headers: reads a variable that holds headers as JSON.
    """
    found, url = headers("INCIDENT_CALL_HEADERS"), text(CALL_URL, "")
    if not url:
        return None
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        fault(CALL_URL, "is not an address that can be used", "It starts with http:// or https://HOST.")
    return CallSettings(url, found)
