"""Emergency-response incident tracker for network-security events."""
