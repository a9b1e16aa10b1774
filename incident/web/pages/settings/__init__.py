"""Pages of the settings: what is on, what is wrong, and what stops and imports."""
