"""The list of incidents: its tabs, orders and columns, and the marks of a search."""
