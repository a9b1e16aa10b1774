"""Marks texts for the message catalogue."""


def N_(message: str) -> str:
    """Mark a message for extraction into the catalogue; it is translated when it is displayed."""
    return message
