"""Use cases of public reports."""
