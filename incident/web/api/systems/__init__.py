"""The systems of the API."""
