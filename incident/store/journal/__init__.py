"""The table of the journal."""
