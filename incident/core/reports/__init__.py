"""Rules of reports of the public."""
