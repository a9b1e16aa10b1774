"""Official documents, their sign-offs and the series of their numbers."""
