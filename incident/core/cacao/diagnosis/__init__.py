"""Explains the faults of a document: which one causes others, at which line, and in which step."""
