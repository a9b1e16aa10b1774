"""Pages of system health and live streams."""
