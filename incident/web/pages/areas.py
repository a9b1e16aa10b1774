"""Sectors and regions: their names on pages and the choices in forms."""

from incident.core.values.affiliation import is_region_code
from incident.data.areas import provinces, sectors
from incident.web import i18n


def sector_words(code: str) -> str:
    """Return the name of a sector; for a part of one, the names of the whole and the part."""
    whole, _, part = code.partition("/")
    known = sectors().get(whole)
    if known is None:
        return code
    return f"{known.name(i18n.current())}/{part}" if part else known.name(i18n.current())


def region_words(code: str) -> str:
    """Return a region with the name of its province if it is a code of GB/T 2260."""
    known = provinces().get(code[:2]) if is_region_code(code) else None
    return code if known is None else f"{known.name(i18n.current())} {code}"


def sector_choices(chosen: str | None = None) -> list[tuple[str, str]]:
    """Return the choices of sectors; a custom one comes first."""
    known = [(code, one.name(i18n.current())) for code, one in sectors().items()]
    return known if not chosen or chosen in sectors() else [(chosen, sector_words(chosen)), *known]


def region_choices() -> list[tuple[str, str]]:
    """Return the choices of provinces; a city or county is typed with all its digits."""
    return [(code, f"{code} {one.name(i18n.current())}") for code, one in provinces().items()]
