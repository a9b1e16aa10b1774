"""The shapes of systems."""

from marshmallow import Schema, fields

from incident.core.systems.system import CRITICALITIES
from incident.web.api import schema_parts


class SystemBrief(Schema):
    """What identifies a system, and how much it matters."""

    code = schema_parts.text(example="PAY")
    name = schema_parts.text()
    owner = schema_parts.maybe("the code of its department")
    protection_level = schema_parts.maybe_number("of GB/T 22240, 1 to 5")
    criticality = schema_parts.maybe("the impact level of FIPS 199", enum=[*CRITICALITIES, None])
    is_critical_infrastructure = schema_parts.truth()


class SystemOut(SystemBrief):
    """A system."""

    addresses = schema_parts.list_of(fields.String(), "IP addresses and networks")
    names = schema_parts.list_of(fields.String(), "host names, domains (*. for all below one), values of labels")
    note = schema_parts.text()
    is_active = schema_parts.truth("whether it is recognised in alerts")
    created_at = schema_parts.at()
    changed_at = schema_parts.at()


class SystemOnIncident(SystemBrief):
    """A system of an incident, and how it was matched."""

    matched_by = schema_parts.text("what it was recognised by", enum=["address", "name", "label", "person"])
    seen = schema_parts.maybe("the value that was seen")
