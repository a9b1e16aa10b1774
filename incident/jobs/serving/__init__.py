"""Serving pages and the API: web workers, their limits, and requests that are read before a thread is taken."""
