"""What is true: pure rules, values in, values out."""
