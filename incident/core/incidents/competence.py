"""Competence: the incidents that a department is responsible for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from incident.core.incidents.category import is_in_category, require_category
from incident.core.incidents.grade import require_grade
from incident.core.values.affiliation import is_in_region, is_in_sector, require_area
from incident.core.values.document import Reader

MEMBERS: Final = ("categories", "grades", "regions", "sectors")
MAX_VALUES: Final = 200


@dataclass(frozen=True, slots=True)
class Competence:
    """The competence of a department; None means all.

    A category, region or sector includes its parts. A field that the incident does not state is not covered by a
    competence that restricts it: no department is notified only because an incident might be its own.
    """

    categories: tuple[str, ...] | None = None
    grades: tuple[int, ...] | None = None
    regions: tuple[str, ...] | None = None
    sectors: tuple[str, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the competence in the form of the API."""
        given = {name: getattr(self, name) for name in MEMBERS}
        return {name: list(values) for name, values in given.items() if values is not None}


@dataclass(frozen=True, slots=True)
class RoutingFacts:
    """Facts of an incident that decide who is responsible; None is unknown."""

    category: str | None = None
    grade: int | None = None
    region: str | None = None
    sector: str | None = None


def is_competent(competence: Competence, facts: RoutingFacts) -> bool:
    """Whether a department with this competence is responsible for the incident."""
    return (
        (competence.grades is None or facts.grade in competence.grades)
        and (competence.categories is None or any(is_in_category(facts.category, one) for one in competence.categories))
        and (competence.regions is None or any(is_in_region(facts.region, one) for one in competence.regions))
        and (competence.sectors is None or any(is_in_sector(facts.sector, one) for one in competence.sectors))
    )


def competent_for(facts: RoutingFacts, competences: Mapping[str, Competence]) -> tuple[str, ...]:
    """Return the codes of the departments that are responsible for the incident, in their order."""
    return tuple(code for code, one in competences.items() if is_competent(one, facts))


def read_competence(document: object, pointer: str = "") -> Competence:
    """Read the competence of a document `{categories?, grades?, regions?, sectors?}`; an absent member means all.

    Raises RuleError with every fault and its place; an empty list is a fault, because it would cover nothing.
    """
    reader = Reader()
    parts = reader.members(document, pointer, MEMBERS)
    read = {
        "categories": _values(reader, parts, "categories", pointer, require_category),
        "grades": _values(reader, parts, "grades", pointer, require_grade),
        "regions": _values(reader, parts, "regions", pointer, require_area),
        "sectors": _values(reader, parts, "sectors", pointer, require_area),
    }
    reader.finish()
    return Competence(**read)


def _values(reader: Reader, parts: dict[str, Any], name: str, pointer: str, check: Any) -> tuple[Any, ...] | None:
    if parts.get(name) is None:
        return None
    place = f"{pointer}/{name}"
    items = reader.items(parts[name], place, MAX_VALUES)
    if isinstance(parts[name], list) and not items:
        reader.fault("rules.empty_list", place)
    checked: Iterable[Any] = (reader.checked(check, one, f"{place}/{index}") for index, one in enumerate(items))
    return tuple(dict.fromkeys(one for one in checked if one is not None))
