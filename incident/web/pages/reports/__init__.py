"""Pages of reports of the public."""
