"""Pages of the journal and the access log."""
