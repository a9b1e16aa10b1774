"""Use cases of drills, and their scores."""
