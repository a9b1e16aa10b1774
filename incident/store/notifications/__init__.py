"""Tables of notices, their events and their messages."""
