"""Names of hosts and domains in one form, so that equal ones compare equal."""

import idna


def ascii_name(text: str) -> str | None:
    """Return a name in lower-case ASCII, as the DNS spells it; None for one that IDNA does not allow."""
    if text.isascii():
        return text.lower()
    try:
        return idna.encode(text, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return None
