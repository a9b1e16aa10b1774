"""The engine: starts a run and advances it by events."""
