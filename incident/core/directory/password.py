"""Rules for a new password (NIST SP 800-63B section 3.1.1.2, OWASP ASVS 5.0 section 6.2)."""

from collections.abc import Collection
from typing import Final

from incident.core.values.faults import RuleError

PASSWORD_LEAST: Final = 12
MAX_PASSWORD: Final = 1_000
"""Maximum length in characters; a longer text is refused before it is hashed."""

SCORE_LEAST: Final = 3
"""The minimum score of zxcvbn (0 to 4): 3 means that more than 10^8 guesses are needed."""

_MAX_JUDGED: Final = 72
"""Characters that zxcvbn evaluates; its time grows with the square of the length."""


def require_password(password: str, own_words: Collection[str] = (), pointer: str = "/password") -> str:
    """Return a new password that is long enough and hard to guess.

    Common passwords, words of several languages, names, dates, keyboard rows and repetitions count as easy to guess.

    Args:
        password: the password as typed.
        own_words: words that an attacker would try first, such as the sign-in name.
        pointer: the place in the caller's document.

    Raises:
        RuleError: `password.short`, `password.long`, `password.guessable`.
    """
    if len(password) < PASSWORD_LEAST:
        raise RuleError("password.short", {"least": PASSWORD_LEAST}, pointer=pointer)
    if len(password) > MAX_PASSWORD:
        raise RuleError("password.long", {"most": MAX_PASSWORD}, pointer=pointer)
    from zxcvbn import zxcvbn  # loading its word lists takes 40 ms

    judged = zxcvbn(password[:_MAX_JUDGED], user_inputs=["incident", *filter(None, own_words)])
    if judged["score"] < SCORE_LEAST:
        raise RuleError("password.guessable", pointer=pointer)
    return password
