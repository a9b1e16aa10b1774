"""Affiliation of an incident besides its category: sector, region, campaign; each is one line of text."""

import re
from typing import Final

from incident.core.values.faults import RuleError
from incident.core.values.text import is_plain

AREAS: Final = ("sector", "region", "campaign")
AREA_LIMIT: Final = 60

_CODE: Final = re.compile(r"[0-9]{2}(?:[0-9]{2}){0,2}|[0-9]{9}|[0-9]{12}", re.ASCII)


def require_area(value: object, pointer: str = "") -> str:
    """Return the value as a sector, region or campaign; raises RuleError `area.malformed` unless 1 to 60 characters."""
    is_text = isinstance(value, str) and 0 < len(value) <= AREA_LIMIT
    if is_text and isinstance(value, str) and value == value.strip() and is_plain(value) and value.isprintable():
        return value
    raise RuleError("area.malformed", {"limit": AREA_LIMIT}, pointer=pointer)


def is_region_code(region: str) -> bool:
    """Whether a region is a code of GB/T 2260: 2, 4 or 6 digits, lower levels 9 or 12."""
    return _CODE.fullmatch(region) is not None


def region_stem(region: str) -> str:
    """Return the common prefix of the codes in a region: `330000` is the province 33, `330100` the city 3301."""
    stem = region
    while len(stem) > 6 and stem.endswith("000"):
        stem = stem[:-3]
    while 2 < len(stem) <= 6 and stem.endswith("00"):
        stem = stem[:-2]
    return stem


def is_in_region(region: str | None, wanted: str) -> bool:
    """Whether a region is inside the wanted one: by the digits of GB/T 2260, else when both texts are equal."""
    if region is None:
        return False
    if is_region_code(region) and is_region_code(wanted):
        return region.startswith(region_stem(wanted))
    return region == wanted


def is_in_sector(sector: str | None, wanted: str) -> bool:
    """Whether a sector is the wanted one or a part of it, as `energy/electricity` is a part of `energy`."""
    return sector is not None and (sector == wanted or sector.startswith(f"{wanted}/"))
