"""Pages of drills and their scores."""
