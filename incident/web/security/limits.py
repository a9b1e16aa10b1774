"""Rate limits per address: the address is never stored, only a keyed hash."""

import datetime as dt

from incident.actions.directory.sign_in_throttle import TryKeys, count_use
from incident.client_addresses import address_block
from incident.web.instance import current_instance, now
from incident.web.security.client import client_address
from incident.web.security.devices import device_of

MAX_FAILED_SIGNATURES = 100
FAILED_SIGNATURES_WINDOW = dt.timedelta(minutes=15)


def count_failed_signature() -> None:
    """Count a refused signature from this address; raises RuleError `throttle.too_often`."""
    count_use(_throttle_key("signature"), MAX_FAILED_SIGNATURES, FAILED_SIGNATURES_WINDOW, now())


def _throttle_key(purpose: str) -> str:
    """Return the key under which the address of this request is counted for a purpose today."""
    return _keyed(f"{purpose} {now():%Y-%m-%d} {address_block(client_address())}")


def sign_in_keys(login: str) -> TryKeys:
    """Return the keys under which an attempt to sign in counts: a browser with a device cookie counts for itself."""
    device = device_of(login)
    place = f"address {address_block(client_address(), 24, 48)}" if device is None else f"device {device}"
    return TryKeys(_keyed(f"sign-in at {place} as {login}"), _keyed(f"sign-in as {login}"), client_address())


def _keyed(text: str) -> str:
    return current_instance().ring.sign(text)[:64]
