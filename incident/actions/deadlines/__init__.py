"""Use cases of grading."""
