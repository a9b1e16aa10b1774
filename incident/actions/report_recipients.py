"""Recipients of reports: which departments of this instance they are, by the profile and what is declared now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from incident.core.deadlines.authorities import Authority, Resolution, read_authority, resolve
from incident.core.deadlines.regimes import Stage
from incident.core.values.bilingual import in_language
from incident.store.deadlines import profiles
from incident.store.directory import departments
from incident.store.directory.departments import Department


@dataclass(frozen=True)
class RecipientDirectory:
    """The departments that are authorities, by code, and the sectors and regions of the organisation."""

    departments: Mapping[str, Department]
    declared: Mapping[str, Authority]
    sectors: Sequence[str]
    regions: Sequence[str]

    def resolutions(self, stage: Stage) -> list[Resolution]:
        """Return what each recipient of a stage resolves to."""
        return [resolve(one, self.sectors, self.regions, self.declared) for one in stage.to]

    def departments_of(self, stage: Stage) -> list[Department]:
        """Return the departments that a stage goes to, each once."""
        codes = chain.from_iterable(one.departments for one in self.resolutions(stage))
        return [self.departments[code] for code in dict.fromkeys(codes)]


def recipient_directory() -> RecipientDirectory:
    """Return the recipients as they are declared now, with two queries."""
    rows, profile = departments.authorities(), profiles.latest_profile()
    return RecipientDirectory(
        departments={one.code: one for one in rows},
        declared={one.code: read_authority(one.authority) for one in rows},
        sectors=() if profile is None else profile.sectors,
        regions=() if profile is None else profile.regions,
    )


def recipient_names(stage: Stage, directory: RecipientDirectory, language: str) -> list[str]:
    """Return whom a stage is reported to: the departments that have the roles, or a role where none has it.

    Args:
        stage: of a regime.
        directory: the departments that are authorities.
        language: of the reader, such as `zh`.
    """
    key = "zh" if language.startswith("zh") else "en"
    names: dict[str, None] = {}
    for one in directory.resolutions(stage):
        found = [in_language(directory.departments[code].name, language) for code in one.departments]
        names.update(dict.fromkeys(found or [one.recipient.name[key]]))
    return list(names)
