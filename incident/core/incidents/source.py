"""Sources of alerts that people describe themselves: their names, and where a sender's token is in an address."""

import re
from collections.abc import Collection
from typing import Any, Final

from incident.core.incidents.mapping import check_mapping
from incident.core.values.document import Reader, truth
from incident.core.values.faults import RuleError, member

SOURCE_NAME_LIMIT: Final = 60
SOURCE_NAME: Final = f"[a-z0-9][a-z0-9-]{{0,{SOURCE_NAME_LIMIT - 1}}}"
MAX_SOURCES: Final = 1_000
RESERVED: Final = frozenset({"manual", "new", "try"})
"""Names that mean something else: incidents created manually, the page of a new source, the address of the trial."""

_NAME = re.compile(SOURCE_NAME, re.ASCII)
_ADDRESS = re.compile(r"(/*api/+v1/+alerts/+[^/?#]+)/+([^?#]+)")


def require_source_name(name: object, taken: Collection[str], pointer: str = "") -> str:
    """Return the name for an own source; raises RuleError `source.malformed_name`, `source.name_taken`.

    Args:
        name: as in the address at which its alerts are received.
        taken: the names of the program's own sources.
        pointer: its place in the caller's document.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise RuleError("source.malformed_name", {"limit": SOURCE_NAME_LIMIT}, pointer=pointer)
    if name in taken or name in RESERVED:
        raise RuleError("source.name_taken", pointer=pointer)
    return name


def read_source(document: object) -> tuple[dict[str, Any], bool]:
    """Return the mapping of a source, as written, and whether it is active; raises RuleError with every fault."""
    reader = Reader()
    parts = reader.members(document, "", ("mapping", "is_active"))
    reader.required(parts, "mapping", "", check_mapping)
    is_active = reader.optional(parts, "is_active", "", truth)
    reader.finish()
    return parts["mapping"], True if is_active is None else is_active


def split_address_token(path: str) -> tuple[str, str] | None:
    """Return the address of a source without the token that follows it, and the token; None where there is none."""
    match = _ADDRESS.fullmatch(path)
    token = match[2].strip("/") if match else ""
    return (match[1], token) if match and token else None


def moved_faults(fault: RuleError, place: str) -> RuleError:
    """Return a fault, and those found with it, of a document that is a member of another one."""
    found = [
        RuleError(one.code, one.arguments, pointer=f"{member('', place)}{one.pointer}", kind=one.kind)
        for one in fault.all
    ]
    found[0].others = tuple(found[1:])
    return found[0]
