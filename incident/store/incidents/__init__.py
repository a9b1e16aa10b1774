"""Tables of incidents, their numbers and the routing rules."""
