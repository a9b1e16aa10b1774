"""API of insights."""
