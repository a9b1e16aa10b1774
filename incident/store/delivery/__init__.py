"""Tables of delivery: attempts, rate limits, circuits."""
