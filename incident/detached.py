"""An answer that goes on without a thread: its beginning is sent, the rest comes from elsewhere as it happens."""

from collections.abc import Callable
from socket import socket

Begin = Callable[[socket, Callable[[], None]], None]


class Detached(BaseException):
    """Raised by the body of an answer when its beginning has been sent, to give the thread back.

    No fault, so that nothing on the way takes it for one; only a server that is known to take it is given it.

    Args:
        begin: is called with the connection, which does not wait, and with what is to be called when the answer has
            ended; from any thread.
    """

    def __init__(self, begin: Begin) -> None:
        super().__init__()
        self.begin = begin
