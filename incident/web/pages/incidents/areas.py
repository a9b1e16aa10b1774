"""Sectors and regions as pages write them and offer them for a choice."""

from incident.core.incidents.affiliation import is_region_code
from incident.data.areas import provinces, sectors
from incident.web import i18n


def sector_words(code: str) -> str:
    """Return the name of a sector; of a part of one the name of the whole and the part."""
    whole, _, part = code.partition("/")
    known = sectors().get(whole)
    if known is None:
        return code
    return f"{known.name(i18n.current())}/{part}" if part else known.name(i18n.current())


def region_words(code: str) -> str:
    """Return a region with the name of its province where it is a code of GB/T 2260."""
    known = provinces().get(code[:2]) if is_region_code(code) else None
    return code if known is None else f"{known.name(i18n.current())} {code}"


def sector_choices(chosen: str | None = None) -> list[tuple[str, str]]:
    """Return the sectors for a choice; one of somebody's own words comes first."""
    known = [(code, one.name(i18n.current())) for code, one in sectors().items()]
    return known if not chosen or chosen in sectors() else [(chosen, sector_words(chosen)), *known]


def region_choices() -> list[tuple[str, str]]:
    """Return the provinces for a choice; a city or county is typed with all its digits."""
    return [(code, f"{code} {one.name(i18n.current())}") for code, one in provinces().items()]
