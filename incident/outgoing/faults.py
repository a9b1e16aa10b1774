"""Reasons why a request got no response; the texts name no secret, no query and no path."""


class OutgoingError(Exception):
    """A request without a usable response; `permanent` means that a retry cannot help."""

    permanent = False

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(detail)


class Refused(OutgoingError):
    """The address is forbidden for this program, or cannot be requested at all."""

    permanent = True


class Unreachable(OutgoingError):
    """No connection was established, or it broke before the response was complete."""


class NotConnected(Unreachable):
    """No connection was established: the server got nothing."""


class TookTooLong(OutgoingError):
    """A time limit was exceeded."""


class BadAnswer(OutgoingError):
    """The response is not HTTP."""
