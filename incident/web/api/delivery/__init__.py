"""Endpoints of delivery: contacts and their checks, messages, dead letters."""
