"""The table of public reports."""
