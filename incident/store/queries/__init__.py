"""Queries that join areas: one module per list or page."""
