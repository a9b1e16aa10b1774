"""Who a caller is and what they may see and do; rate limits, and headers that protect browsers."""
