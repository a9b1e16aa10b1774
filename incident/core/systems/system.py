"""A system that people register: what it is, who owns it, and by which names and addresses it is recognised."""

import ipaddress
from collections.abc import Callable, Sequence
from typing import Final, Literal, get_args

from incident.core.values.faults import RuleError, member, raise_all
from incident.core.values.host import ascii_name
from incident.core.values.text import is_visible, one_line

Criticality = Literal["high", "moderate", "low"]
CRITICALITIES: Final[tuple[Criticality, ...]] = get_args(Criticality)
"""The impact levels of FIPS 199, the gravest first."""

LEAST_LEVEL, MOST_LEVEL = 1, 5
"""The levels of protection after GB/T 22240."""

MAX_SYSTEMS: Final = 100_000
MAX_VALUES: Final = 200
SYSTEM_NAME_LIMIT: Final = 200
NOTE_LIMIT: Final = 2_000
WILDCARD: Final = "*."
_SEPARATORS: Final = frozenset(",，;；、")
"""They separate names in forms and files, so that no name has one."""

RESERVED_CODES: Final = frozenset({"new", "import"})

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def require_protection_level(value: object, pointer: str = "") -> int:
    """Return the value as a level of protection; raises RuleError `system.protection_level` unless it is 1 to 5."""
    if isinstance(value, int) and not isinstance(value, bool) and LEAST_LEVEL <= value <= MOST_LEVEL:
        return value
    raise RuleError("system.protection_level", {"least": LEAST_LEVEL, "most": MOST_LEVEL}, pointer=pointer)


def require_criticality(value: object, pointer: str = "") -> Criticality:
    """Return the value as a criticality; raises RuleError `system.criticality`."""
    for known in CRITICALITIES:
        if value == known:
            return known
    raise RuleError("system.criticality", {"choices": CRITICALITIES}, pointer=pointer)


def read_network(text: str) -> Network | None:
    """Return an address or a network in CIDR notation; host bits are dropped. None when it is neither."""
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    return None if getattr(network.network_address, "scope_id", None) else network


def require_system_address(value: object, pointer: str = "") -> str:
    """Return an address or a network in canonical form; raises RuleError `system.address_malformed`."""
    network = read_network(value) if isinstance(value, str) else None
    if network is None:
        raise RuleError("system.address_malformed", {"given": one_line(str(value), 80)}, pointer=pointer)
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def require_system_name(value: object, pointer: str = "") -> str:
    """Return a name by which a system is recognised in canonical form; raises RuleError `system.name_malformed`.

    A name that begins with `*.` stands for all names below the domain.
    """
    text = value.strip() if isinstance(value, str) else ""
    name = canonical_name(text.removeprefix(WILDCARD))
    is_fit = 0 < len(text) <= SYSTEM_NAME_LIMIT and text.isprintable() and is_visible(text)
    is_fit = is_fit and _SEPARATORS.isdisjoint(text)
    if not is_fit or not name or "*" in name or (text.startswith(WILDCARD) and " " in name):
        raise RuleError("system.name_malformed", {"given": one_line(str(value), 80)}, pointer=pointer)
    return WILDCARD + name if text.startswith(WILDCARD) else name


def require_all(values: Sequence[object], require: Callable[[object, str], str], pointer: str = "") -> tuple[str, ...]:
    """Return all values as a rule returns each, without duplicates.

    Args:
        values: at most 200.
        require: the rule, such as `require_system_address`.
        pointer: the place of the list.

    Raises:
        RuleError: `system.too_many_values`, or every fault of the rule.
    """
    if len(values) > MAX_VALUES:
        raise RuleError("system.too_many_values", {"most": MAX_VALUES}, pointer=pointer)
    found, faults = dict[str, None](), list[RuleError]()
    for index, value in enumerate(values):
        try:
            found[require(value, member(pointer, index))] = None
        except RuleError as fault:
            faults.append(fault)
    raise_all(faults)
    return tuple(found)


def canonical_name(text: str) -> str:
    """Return a name in the form in which names are compared: lower case, without a dot at the end."""
    bare = text.strip().rstrip(".")
    is_domain = "." in bare and " " not in bare
    return (ascii_name(bare) if is_domain else None) or bare.casefold()
