"""Rules of sending: rate limit, circuit, retry, shares of the worker slots, parts of a text message."""
