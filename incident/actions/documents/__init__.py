"""Official documents: drafting from facts, sign-offs, numbers, and their series."""
