"""Domain rules: pure functions, values in, values out."""
