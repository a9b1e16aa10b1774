"""The scheduler, and the workers that send messages and carry out commands."""
