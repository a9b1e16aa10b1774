"""Inserts values by their place (P18): a word of a shell command, a path segment, a part of a body."""

from incident.core.cacao.placing.filling import Filled, fill_command, fill_definition
from incident.core.cacao.placing.findings import Finding, command_findings, host_findings, is_unfit

__all__ = ["Filled", "Finding", "command_findings", "fill_command", "fill_definition", "host_findings", "is_unfit"]
