"""A relay between browser and program whose connections can die silently, as behind a router."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Relay:
    """Relays bytes in both directions; `muted` connections stay open and relay nothing.

    Args:
        port: where the program listens on loopback.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: list[socket.socket] = []
        self._muted = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def mute(self) -> None:
        """Have all connections that are open now fall silent; later ones are passed on."""
        self._muted.set()
        self._muted = threading.Event()

    def close(self) -> None:
        """End it all."""
        for one in (self._listener, *self._open):
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                there = socket.create_connection(("127.0.0.1", self._to))
                self._open += [here, there]
                for ends in ((here, there), (there, here)):
                    threading.Thread(target=_pass_on, args=(*ends, self._muted), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket, muted: threading.Event) -> None:
    with suppress(OSError):
        while got := source.recv(65536):
            if muted.is_set():
                return  # open still, and silent from now on
            target.sendall(got)
        if not muted.is_set():
            target.shutdown(socket.SHUT_WR)


@contextmanager
def relaying(port: int) -> Iterator[Relay]:
    """A relay to a program for as long as the block runs."""
    made = Relay(port)
    try:
        yield made
    finally:
        made.close()
