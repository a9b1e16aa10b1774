"""Benchmarks of speed and size: `python -m tests.bench` prints a table of figures without a pass mark."""
