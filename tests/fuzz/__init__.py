"""Generated calls of every operation that the API describes, against an instance that holds the demonstration."""
