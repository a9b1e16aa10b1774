"""Affected systems, and which of them an alert or an incident is about."""
