"""Mappings: how the JSON payload of any sender becomes alerts, described as data."""

from incident.core.incidents.mapping.document import check_mapping
from incident.core.incidents.mapping.engine import MappedItem, Unmapped, apply_mapping
from incident.core.incidents.mapping.rules import AlertMapping, Variant

__all__ = ["AlertMapping", "MappedItem", "Unmapped", "Variant", "apply_mapping", "check_mapping"]
