"""A webhook receiver that answers after 20 ms and counts what it receives; a single-threaded process."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.bench import client
from tests.bench.server import ROOT, free_port

ANSWER_AFTER = 0.020
START_LIMIT = 10.0


@dataclass
class Sink:
    """A running receiver on several ports, each of which is an origin."""

    port: int
    ports: tuple[int, ...] = ()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def urls(self) -> list[str]:
        """Each of its origins."""
        return [f"http://127.0.0.1:{port}" for port in (self.port, *self.ports)]

    def seen(self) -> dict[str, Any]:
        """Number of requests, maximum at once, and of each its arrival and its sender."""
        found: dict[str, Any] = json.loads(client.get(self.port, "/seen")[1])
        return found

    def forget(self) -> None:
        """Reset the counts."""
        client.get(self.port, "/forget")


@contextmanager
def receiving(origins: int = 1) -> Iterator[Sink]:
    """A receiver for as long as the block runs."""
    sink = Sink(free_port(), tuple(free_port() for _ in range(origins - 1)))
    ports = [str(port) for port in (sink.port, *sink.ports)]
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.sink", *ports], cwd=ROOT, env=os.environ)
    try:
        until = time.monotonic() + START_LIMIT
        while True:
            try:
                sink.forget()
                break
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)
        yield sink
    finally:
        process.terminate()
        process.wait()


class _Receiver:
    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.came: list[tuple[float, str]] = []
        self.here = self.most = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._answer(head, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at = head.lower().find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        body, answer = await reader.readexactly(length), b"{}"
        if head.startswith(b"GET /seen"):
            answer = json.dumps({"count": len(self.came), "at_once": self.most, "came": self.came}).encode()
        elif head.startswith(b"GET /forget"):
            self.forget()
        else:
            self.came.append((time.time(), json.loads(body)["timestamp"]))
            self.here += 1
            self.most = max(self.most, self.here)
            await asyncio.sleep(ANSWER_AFTER)
            self.here -= 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))
        await writer.drain()


async def _serve(ports: Sequence[int]) -> None:
    receiver = _Receiver()
    servers = [await asyncio.start_server(receiver.talk, "127.0.0.1", port) for port in ports]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(_serve([int(port) for port in sys.argv[1:]]))
