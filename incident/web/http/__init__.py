"""Requests and responses: sizes, conditions, pages of lists, repeated requests, and errors."""
