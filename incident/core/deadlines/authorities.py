"""Authorities: departments that receive reports, found by the role of a recipient, the sector and the region."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from incident.core.deadlines.regimes import Recipient, Regime
from incident.core.values.affiliation import is_in_region, is_in_sector, region_stem, require_area
from incident.core.values.document import Reader
from incident.core.values.faults import RuleError

MEMBERS: Final = ("roles", "regions", "sectors")
MAX_VALUES: Final = 200
ROLE_LIMIT: Final = 60

NOT_AUTHORITIES: Final = frozenset({"individuals"})
"""Roles of recipients that no department has: the people concerned."""


@dataclass(frozen=True, slots=True)
class Authority:
    """What a department receives reports as: its roles, and where; None for the regions or sectors means all."""

    roles: tuple[str, ...]
    regions: tuple[str, ...] | None = None
    sectors: tuple[str, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the authority in the form of the API."""
        given = {name: getattr(self, name) for name in MEMBERS}
        return {name: list(values) for name, values in given.items() if values is not None}


@dataclass(frozen=True, slots=True)
class Territory:
    """One pair of a sector and a region of an organisation; None for none."""

    sector: str | None
    region: str | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """The departments that a recipient resolves to, by their codes.

    `missing` are the sectors and regions of the organisation for which there is none; `is_ambiguous` is whether more
    than one matches equally well for one of them. The people concerned are nobody's role: `is_asked` is False.
    """

    recipient: Recipient
    departments: tuple[str, ...] = ()
    missing: tuple[Territory, ...] = ()
    is_ambiguous: bool = False
    is_asked: bool = True

    @property
    def is_gap(self) -> bool:
        """Whether no department has this role for some sector and region of the organisation."""
        return bool(self.missing)


def resolve(
    recipient: Recipient, sectors: Sequence[str], regions: Sequence[str], declared: Mapping[str, Authority]
) -> Resolution:
    """Return the departments that are the recipient for an organisation, the most specific for each of its places.

    A department is more specific by a smaller region, or by a part of a sector. Where one is so by its region and
    another by its sector, both are kept.

    Args:
        recipient: the authority that a stage goes to.
        sectors: of the organisation.
        regions: of the organisation.
        declared: the departments that are authorities, by code.
    """
    if recipient.role in NOT_AUTHORITIES:
        return Resolution(recipient, is_asked=False)
    found: dict[str, None] = {}
    missing, is_ambiguous = [], False
    for sector, region in product(sectors or (None,), regions or (None,)):
        best = _most_specific(recipient.role, Territory(sector, region), declared)
        found.update(dict.fromkeys(best))
        is_ambiguous = is_ambiguous or len(best) > 1
        if not best:
            missing.append(Territory(sector, region))
    return Resolution(recipient, tuple(found), tuple(missing), is_ambiguous)


def _most_specific(role: str, place: Territory, declared: Mapping[str, Authority]) -> list[str]:
    ranks = {code: rank for code, one in declared.items() if role in one.roles and (rank := _rank(one, place))}
    return [code for code, rank in ranks.items() if not any(_beats(other, rank) for other in ranks.values())]


def _beats(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one != other and one[0] >= other[0] and one[1] >= other[1]


def _rank(authority: Authority, place: Territory) -> tuple[int, int] | None:
    """Return how specific an authority is by region and sector, 0 for all; None outside of both."""
    region = sector = 0
    if authority.regions is not None:
        region = max((len(region_stem(one)) for one in authority.regions if is_in_region(place.region, one)), default=0)
    if authority.sectors is not None:
        sector = max((len(one.split("/")) for one in authority.sectors if is_in_sector(place.sector, one)), default=0)
    is_it = (authority.regions is None or region) and (authority.sectors is None or sector)
    return (region, sector) if is_it else None


def roles_of(regimes: Iterable[Regime]) -> Mapping[str, Recipient]:
    """Return the roles of authorities that regimes name, each with the first recipient that has it."""
    found: dict[str, Recipient] = {}
    for one in _recipients(regimes):
        if one.role not in NOT_AUTHORITIES:
            found.setdefault(one.role, one)
    return found


def _recipients(regimes: Iterable[Regime]) -> Iterator[Recipient]:
    for regime in regimes:
        for stage in regime.stages:
            yield from stage.to


def read_authority(document: object, pointer: str = "") -> Authority:
    """Read an authority of a document `{roles, regions?, sectors?}`; absent regions or sectors mean all.

    Raises RuleError with every fault and its place.
    """
    reader = Reader()
    parts = reader.members(document, pointer, MEMBERS)
    roles = _values(reader, parts.get("roles"), f"{pointer}/roles", _require_role)
    if roles is None:
        reader.fault("document.missing", f"{pointer}/roles")
    regions = _values(reader, parts.get("regions"), f"{pointer}/regions", require_area)
    sectors = _values(reader, parts.get("sectors"), f"{pointer}/sectors", require_area)
    reader.finish()
    return Authority(roles or (), regions, sectors)


def _values(reader: Reader, given: Any, place: str, check: Any) -> tuple[str, ...] | None:
    if given is None:
        return None
    items = reader.items(given, place, MAX_VALUES)
    if isinstance(given, list) and not items:
        reader.fault("rules.empty_list", place)
    checked = (reader.checked(check, one, f"{place}/{index}") for index, one in enumerate(items))
    return tuple(dict.fromkeys(one for one in checked if one is not None))


def _require_role(value: object, pointer: str = "") -> str:
    if isinstance(value, str) and 0 < len(value) <= ROLE_LIMIT:
        return value
    raise RuleError("authority.role_unknown", {"role": str(value)[:ROLE_LIMIT]}, pointer=pointer)


def unknown_roles(authority: Authority, known: Collection[str]) -> list[RuleError]:
    """Return a fault `authority.role_unknown` for each role that no regime names."""
    return [
        RuleError("authority.role_unknown", {"role": one}, pointer=f"/authority/roles/{index}")
        for index, one in enumerate(authority.roles)
        if one not in known
    ]
