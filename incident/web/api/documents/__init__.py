"""Official documents in the API."""
