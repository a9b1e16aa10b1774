"""Tables of grading."""
