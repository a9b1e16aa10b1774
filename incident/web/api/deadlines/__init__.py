"""Grading in the API."""
