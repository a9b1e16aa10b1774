"""A response that continues without a thread: its beginning is sent, the rest comes from elsewhere as it happens."""

from collections.abc import Callable
from socket import socket

Begin = Callable[[socket, Callable[[], None]], None]


class Detached(BaseException):
    """Raised by the body of a response when its beginning has been sent, to release the thread.

    No fault, so that no handler takes it for one; it is only raised to a server that is known to handle it.

    Args:
        begin: called with the non-blocking connection, and with the function to call when the response has ended;
            from any thread.
    """

    def __init__(self, begin: Begin) -> None:
        super().__init__()
        self.begin = begin
