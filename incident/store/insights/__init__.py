"""Tables of insights: daily sums, what was counted of each incident, and how far the counting is."""
