"""Server-sent events: open pages are notified of changes."""
