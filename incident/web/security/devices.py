"""Device cookies: failed attempts from other browsers do not delay a browser in which somebody has signed in.

After the device cookies of OWASP: signed, for one sign-in name, without any data about the person. Attempts with
one count for that browser alone, so that a stolen cookie allows no more attempts than an address does.
"""

import datetime as dt
import hashlib
import secrets

import flask
from flask import request

from incident.web.instance import current_instance, now

COOKIE = "incident_device_"
VALID_FOR = dt.timedelta(days=180)
_DAY = "%Y%m%d"


def device_of(login: str) -> str | None:
    """Return the random name of this browser when somebody has signed in with it under this name."""
    device, _, rest = request.cookies.get(_name(login), "").partition(".")
    day, _, signature = rest.partition(".")
    try:
        given_at = dt.datetime.strptime(day, _DAY).replace(tzinfo=dt.UTC)
    except ValueError:
        return None
    if not current_instance().ring.is_signed(_text(login, device, day), signature) or now() - given_at > VALID_FOR:
        return None
    return device


def remember_device(answer: flask.Response, login: str) -> None:
    """Set this browser's cookie, or renew the date of the existing one."""
    device, day = device_of(login) or secrets.token_urlsafe(16), now().strftime(_DAY)
    value = f"{device}.{day}.{current_instance().ring.sign(_text(login, device, day))}"
    answer.set_cookie(
        _name(login),
        value,
        max_age=VALID_FOR,
        path="/sign-in",
        httponly=True,
        samesite="Lax",
        secure=current_instance().settings.public_url.startswith("https://"),
    )


def _name(login: str) -> str:
    """Each sign-in name has a cookie of its own, because several people may share a browser."""
    return COOKIE + hashlib.sha256(login.encode()).hexdigest()[:8]


def _text(login: str, device: str, day: str) -> str:
    return f"device {device} {day} {login}"
