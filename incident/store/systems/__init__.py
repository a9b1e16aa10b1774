"""Tables of systems."""
