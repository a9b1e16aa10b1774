"""Endpoints of drills and their scores."""
