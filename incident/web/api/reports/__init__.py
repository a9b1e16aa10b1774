"""Endpoints of reports of the public."""
