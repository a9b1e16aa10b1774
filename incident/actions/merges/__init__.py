"""Use cases: merging duplicate incidents, and undoing that."""
