"""Signers of playbooks that an administrator names: their key and its validity period."""

import datetime as dt
from typing import Final

from incident.core.cacao.signing.signature import Key, KeyRefused, read_key
from incident.core.values.faults import RuleError
from incident.core.values.moment import EARLIEST

NAME_LIMIT: Final = 200
LATEST: Final = dt.datetime(2200, 1, 1, tzinfo=dt.UTC)
"""A key that is valid beyond this moment counts as valid without end."""


def require_key(text: str) -> Key:
    """Return the key of a PEM, or of the certificate in it.

    Raises RuleError `signer.key_malformed`, `signer.key_private`, `signer.key_unsupported` or `signer.key_weak`.
    """
    try:
        return read_key(text)
    except KeyRefused as refused:
        raise RuleError(f"signer.key_{refused.problem}", pointer="/public_key") from refused


def window_of(
    key: Key, valid_from: dt.datetime | None, valid_until: dt.datetime | None
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return the validity period of a signer: as given, and within that of the key's certificate.

    Raises RuleError `signer.window` when nothing is left of it.
    """
    begins = max((at for at in (key.valid_from, valid_from) if at is not None), default=None)
    ends = min((at for at in (key.valid_until, valid_until) if at is not None), default=None)
    begins = None if begins is None or begins < EARLIEST else begins
    ends = None if ends is None or ends > LATEST else ends
    if (ends is not None and ends <= (begins or EARLIEST)) or (begins is not None and begins > LATEST):
        raise RuleError("signer.window", pointer="/valid_until")
    return begins, ends
