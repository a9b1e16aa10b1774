"""Why a request brought no answer; the texts name no secret, no query and no path."""


class OutgoingError(Exception):
    """A request that brought no usable answer; `permanent` means that asking again cannot help."""

    permanent = False

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(detail)


class Refused(OutgoingError):
    """This program will not go there: the address is not one that may be asked, or cannot be asked at all."""

    permanent = True


class Unreachable(OutgoingError):
    """No connection came about, or it broke before the answer was complete."""


class TookTooLong(OutgoingError):
    """A limit of time passed."""


class BadAnswer(OutgoingError):
    """What came back is not HTTP."""
