"""Use cases of delivery: claim messages, record results, contacts and their checks."""
