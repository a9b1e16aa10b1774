"""Checks before the start: settings, home, database, roles, connections."""
