"""Rules of an upload: the name, the size, and the parts in which a file arrives."""

import datetime as dt
import re
from typing import Final

from incident.core.values.faults import RuleError
from incident.core.values.text import one_line

PART_SIZE: Final = 4 << 20
"""Bytes of each part of a file; the last one is shorter."""

USUAL_MAX_SIZE: Final = 1 << 30
"""Bytes of the largest file, unless a setting says otherwise."""

NAME_LIMIT: Final = 200
GIVEN_NAME_LIMIT: Final = 1_000
"""Characters of a name as the sender gives it, with any folders."""

SUFFIX_LIMIT: Final = 20
"""Characters of an ending that stays when a long name is cut."""

MAX_UNFINISHED: Final = 10
"""Uploads to one incident that one person or program has at a time."""

UNFINISHED_KEPT_FOR: Final = dt.timedelta(days=1)
"""How long an upload waits for its next part."""

REPEATED_KEPT_FOR: Final = dt.timedelta(hours=1)
"""How long a sender who lost the answer learns that the file was there already."""

_FOLDERS: Final = re.compile(r"[/\\]")
_UNFIT: Final = re.compile(r'[<>:"|?*]')


def evidence_name(given: str) -> str:
    """Return the name under which a file is shown and saved: without folders, control and direction characters.

    Args:
        given: what the sender called it.
    """
    line = one_line(_UNFIT.sub("_", _FOLDERS.split(given)[-1].replace("\x00", "")), GIVEN_NAME_LIMIT).strip(" .")
    if len(line) <= NAME_LIMIT:
        return line or "file"
    stem, dot, suffix = line.rpartition(".")
    if not dot or len(suffix) > SUFFIX_LIMIT:
        return line[:NAME_LIMIT].rstrip(" .")
    return f"{stem[: NAME_LIMIT - len(suffix) - 1]}.{suffix}"


def require_size(size: int, most: int, pointer: str = "/size") -> int:
    """Return the size (bytes) of a file before its upload.

    Raises:
        RuleError: `evidence.empty`, `evidence.too_large`.
    """
    if size < 1:
        raise RuleError("evidence.empty", pointer=pointer)
    if size > most:
        raise RuleError("evidence.too_large", {"most": bytes_words(most)}, pointer=pointer)
    return size


def require_room_for_upload(unfinished: int) -> None:
    """Raise RuleError `evidence.too_many` (conflict) when somebody has as many unfinished uploads as they may."""
    if unfinished >= MAX_UNFINISHED:
        raise RuleError("evidence.too_many", {"most": MAX_UNFINISHED}, kind="conflict")


def require_part(size: int, received: int, offset: int, length: int) -> int:
    """Return the place of a part among the parts of its file, from 0.

    Args:
        size: bytes of the whole file, as said at the beginning.
        received: bytes that are stored already.
        offset: where the part begins in the file.
        length: bytes of the part.

    Raises:
        RuleError: `evidence.wrong_offset` (conflict), `evidence.more_than_said`, `evidence.wrong_part`.
    """
    if offset != received:
        raise RuleError("evidence.wrong_offset", {"received": received, "offset": offset}, kind="conflict")
    expected = min(PART_SIZE, size - received)
    if length > size - received:
        raise RuleError("evidence.more_than_said", {"size": size})
    if length != expected:
        raise RuleError("evidence.wrong_part", {"expected": expected, "length": length})
    return received // PART_SIZE


def part_count(size: int) -> int:
    """Return in how many parts a file of this size (bytes) is stored."""
    return -(-size // PART_SIZE)


def part_length(size: int, place: int) -> int:
    """Return the bytes of a part of a file of this size, by its place from 0."""
    return min(PART_SIZE, size - place * PART_SIZE)


def bytes_words(size: int) -> str:
    """Return a size (bytes) in words, such as `1.5 MB`; 1 MB has 1,048,576 bytes."""
    value, unit = float(size), "B"
    for larger in ("KB", "MB", "GB", "TB"):
        if value < 1024:
            break
        value, unit = value / 1024, larger
    return f"{value:.0f} {unit}" if value >= 100 or value == int(value) else f"{value:.1f} {unit}"
