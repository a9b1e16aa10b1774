"""Error messages about systems, by code."""

from collections.abc import Mapping
from typing import Final

from incident.core.values.marking import N_

SYSTEM_FAULT_WORDS: Final[Mapping[str, str]] = {
    "system.address_malformed": N_(
        "Enter an IP address or a network instead of “{given}”, such as 192.0.2.7 or 192.0.2.0/24."
    ),
    "system.code_reserved": N_("The code {code} is reserved. Choose another."),
    "system.code_taken": N_("Another system already has the code {code}."),
    "system.criticality": N_("Choose a criticality: {choices}."),
    "system.in_use": N_("Incidents refer to this system, so it cannot be deleted. Switch it off instead."),
    "system.name_malformed": N_(
        "Enter a host name, a domain, a domain with *. before it, or the value of a label instead of “{given}”."
    ),
    "system.protection_level": N_("The level of protection is a number from {least} to {most}."),
    "system.too_many": N_("There are already {most} systems. Remove some that are not needed."),
    "system.too_many_values": N_("A system can have at most {most} of these."),
    "system.unknown": N_("There is no system {code}."),
    "window.ended": N_("This maintenance window has ended. Plan another."),
    "window.labels": N_("Write each label as name=value. The limit is {most}."),
    "window.no_scope": N_("Choose which alerts the window holds: a source, a system or labels."),
    "window.over": N_("The end must be in the future."),
    "window.too_long": N_("A maintenance window lasts at most {days} days."),
    "window.too_many": N_("There are already {most} maintenance windows. End some that are not needed."),
    "window.unknown": N_("There is no maintenance window {id}."),
}
