"""Generated calls of every operation in the API description, against a demonstration."""
