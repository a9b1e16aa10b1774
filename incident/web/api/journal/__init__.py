"""Endpoints of the journal and the access log."""
