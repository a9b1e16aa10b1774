"""The scheduler, and the workers that send messages and execute commands."""
