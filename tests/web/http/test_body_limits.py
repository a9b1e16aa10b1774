"""Limits of request bodies, with and without a length, and the handling of unread bodies."""

from typing import Any

import pytest

from tests.plugins.app import Api

PART = b"x" * 100_000


class Trickle:
    """A chunked body without a length, as passed on by a server that detects its end."""

    def __init__(self, parts: int, head: bytes = b"", tail: bytes = b"") -> None:
        self.left = [head, *[PART] * parts, tail]
        self.is_read_to_its_end = False

    def read(self, size: int = -1) -> bytes:
        """Return the next chunk."""
        while self.left:
            part = self.left.pop(0)
            if part:
                return part
        self.is_read_to_its_end = True
        return b""


def send(api: Api, body: Trickle, **more: Any) -> Any:
    environ = {"wsgi.input": body, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    return api.ask("POST", "/incidents", environ_overrides=environ, content_type="application/json", **more)


def test_a_body_that_does_not_tell_its_length_is_taken(boss_sqlite: Api) -> None:
    assert send(boss_sqlite, Trickle(0, b'{"title": "', b'A worm"}')).status_code == 201


def test_a_body_that_does_not_tell_its_length_is_refused_when_it_is_too_large(boss_sqlite: Api) -> None:
    body = Trickle(20, b'{"title": "x", "description": "', b'"}')
    assert send(boss_sqlite, body).status_code == 413
    assert body.is_read_to_its_end


@pytest.mark.parametrize(("token", "status"), [("Bearer nobody", 401), (None, 413)])
def test_what_nobody_wanted_is_read_to_its_end(boss_sqlite: Api, token: str | None, status: int) -> None:
    """Else the server resets the connection, and the sender never sees the answer."""
    body = Trickle(30)
    headers = {} if token is None else {"Authorization": token}
    environ = {"wsgi.input": body, "wsgi.input_terminated": True, "CONTENT_LENGTH": str(30 * len(PART))}
    answer = boss_sqlite.ask("POST", "/incidents", environ_overrides=environ, headers=headers)
    assert answer.status_code == status
    assert body.is_read_to_its_end
