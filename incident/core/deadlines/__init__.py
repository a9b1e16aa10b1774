"""Deadlines: grading of incidents by the rules of authorities."""
