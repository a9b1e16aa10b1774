"""Sign-in to a target as the playbook requires (CACAO 2.0 section 6), and redaction of secrets."""

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

from incident.executors.command import Definition

_HIDDEN = "***"
# Shorter ones would hide letters of every word; nothing so short is a secret.
_HIDDEN_FROM = 4


class SignInError(Exception):
    """The playbook's authentication information cannot be used; the text holds no secret."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """The header `Authorization`, None for none, and the texts to redact."""

    header: str | None = field(default=None, repr=False)
    hidden: tuple[str, ...] = field(default=(), repr=False)

    def hide(self, text: str) -> str:
        """Return the text with every secret redacted."""
        for secret in self.hidden:
            text = text.replace(secret, _HIDDEN)
        return text


def sign_in(info: Definition | None, secret: Callable[[str], str]) -> SignIn:
    """Return the sign-in of an authentication-info object: `http-basic` and `user-auth` as Basic, `oauth2` as Bearer.

    With `kms`, the stored secret `kms_key_identifier` is the password or token; without a user in the object it is
    `USER:PASSWORD`. Raises SignInError for another type or a secret without a user, and the faults of `secret`.
    """
    if info is None:
        return SignIn()
    match info.get("type"):
        case "http-basic":
            return _basic(info, "user_id", secret)
        case "user-auth":
            return _basic(info, "username", secret)
        case "oauth2":
            token = _value(info, "token", secret)
            return SignIn(f"Bearer {token}", _worth_hiding([token]))
        case other:
            raise SignInError(f"authentication of type {other} is not supported")


def _basic(info: Definition, user_key: str, secret: Callable[[str], str]) -> SignIn:
    user, password = str(info.get(user_key) or ""), _value(info, "password", secret)
    if not user:
        user, colon, password = password.partition(":")
        if not colon:
            raise SignInError("the stored secret is not USER:PASSWORD, and the playbook names no user")
    encoded = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    return SignIn(f"Basic {encoded}", _worth_hiding([encoded, password]))


def _value(info: Definition, key: str, secret: Callable[[str], str]) -> str:
    if not info.get("kms"):
        return str(info.get(key) or "")
    return secret(secret_named(info) or "")


def secret_named(info: Definition | None) -> str | None:
    """Return the name of the stored secret that an authentication-info object requires; None when it requires none."""
    return str(info.get("kms_key_identifier") or "") if info and info.get("kms") else None


def _worth_hiding(secrets: Iterable[str]) -> tuple[str, ...]:
    """Return the texts to redact: each secret, plain and encoded for JSON, an address, a form or base64."""
    written = {form for secret in secrets if len(secret) >= _HIDDEN_FROM for form in _forms(secret)}
    return tuple(
        sorted(written, key=lambda form: (-len(form), form))
    )  # else a part of one would keep it from being found


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield from (json.dumps(secret, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False))
    for percent in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield from (percent, re.sub("%..", lambda found: found.group().lower(), percent))
    yield base64.b64encode(secret.encode()).decode("ascii").rstrip("=")
