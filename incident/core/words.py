"""The words of the rules' faults, for the catalogue: a code, and the sentence that takes the fault's arguments."""


def N_(message: str) -> str:
    """Mark a message for extraction into the catalogue; it is translated where it is shown."""
    return message
