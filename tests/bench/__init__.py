"""Measures speed and size: `python -m tests.bench` prints a table. Figures, no verdict that a machine could fail by."""
