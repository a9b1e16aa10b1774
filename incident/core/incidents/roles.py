"""The roles of people on an incident beside its owner."""

from typing import Final, Literal, get_args

IncidentDuty = Literal["liaison", "communication"]
"""Who keeps contact with other departments, and who speaks to the public."""

ROLES: Final[tuple[IncidentDuty, ...]] = get_args(IncidentDuty)
