"""Receipts: sixteen digits, or twenty letters and digits from before."""

import re
import unicodedata
from typing import Final

DIGITS: Final = 16
RECEIPT_LIMIT: Final = 100
"""The largest number of characters that are read as a receipt."""

_IGNORED: Final = re.compile(r"[\s\-‐-―−_.·]+")
_NEW: Final = re.compile(r"[0-9]{16}")
_OLD: Final = re.compile(r"[A-Z2-7]{20}")


def format_receipt(digits: str) -> str:
    """Return the digits of a receipt in groups of four, as they are shown."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def read_receipt(typed: str) -> str | None:
    """Return the digits of a typed receipt, None when it is none.

    Spaces, dashes and full-width digits are accepted.
    """
    plain = _plain(typed)
    return plain if _NEW.fullmatch(plain) else None


def read_old_receipt(typed: str) -> str | None:
    """Return the letters and digits of a receipt from before receipts had digits only, None when it is none."""
    plain = _plain(typed).upper()
    return plain if _OLD.fullmatch(plain) else None


def _plain(typed: str) -> str:
    return _IGNORED.sub("", unicodedata.normalize("NFKC", typed[:RECEIPT_LIMIT]))
