"""Use cases of incidents: receive alerts, open, route, change, close."""
