"""Words of the fields of a mapping: places, formats of times and kinds of indicators."""

from collections.abc import Mapping
from typing import Final

from incident.core.incidents.mapping.pointer import parse_pointer
from incident.core.values.error_messages import N_
from incident.core.values.faults import RuleError
from incident.web.i18n import gettext as _

FORMAT_WORDS: Final[Mapping[str, str]] = {
    "any": N_("recognise it"),
    "iso": N_("date and time"),
    "epoch": N_("number since 1970, unit by its size"),
    "seconds": N_("seconds since 1970"),
    "milliseconds": N_("milliseconds since 1970"),
    "microseconds": N_("microseconds since 1970"),
    "nanoseconds": N_("nanoseconds since 1970"),
    "mail": N_("date of a mail"),
}
KIND_WORDS: Final[Mapping[str, str]] = {
    "ip": N_("address (IPv4 or IPv6)"),
    "hash": N_("hash of any length"),
    "ipv4": N_("IPv4 address"),
    "ipv6": N_("IPv6 address"),
    "domain": N_("domain"),
    "url": N_("link"),
    "email": N_("e-mail address"),
    "md5": "MD5",
    "sha1": "SHA-1",
    "sha256": "SHA-256",
    "account": N_("account"),
}


def place_words(place: str) -> str:
    """Return a place as people read it, such as `rule › name`; a malformed one as it is."""
    try:
        pointer = parse_pointer(place)
    except RuleError:
        return place
    names = [_("each") if token == "*" else token for token in pointer.tokens]  # noqa: S105  # no secret
    return " › ".join([_("message"), *names] if pointer.is_from_payload else names)
