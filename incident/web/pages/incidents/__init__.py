"""Pages of incidents: list, one incident, its changes; alerts; routing rules."""
