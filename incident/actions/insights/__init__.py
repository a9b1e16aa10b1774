"""Use cases of insights: keeping the daily sums, and making them again."""
