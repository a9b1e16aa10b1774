"""A small application under the program's web workers, with low limits: `python -m tests.jobs.small_web`."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import requests
from flask import Flask, request

from incident.jobs.serving.serve import INSTANCE, READS, STREAMS, Served, Web, bound
from incident.jobs.serving.web_limits import WebLimits
from tests.stories.served import free_port


def make_app(home: Path, max_body: int) -> Flask:
    app = Flask("small")
    app.config["LARGEST_BODY"] = max_body
    app.config["MAX_CONTENT_LENGTH"] = max_body
    app.extensions[STREAMS] = SimpleNamespace(fit=lambda *_given: None)
    app.extensions[READS] = SimpleNamespace(start=lambda: None)
    app.extensions[INSTANCE] = SimpleNamespace(settings=SimpleNamespace(home=home))

    @app.get("/")
    def hello() -> str:
        return "hello"

    @app.post("/size")
    def size() -> dict[str, int]:
        return {"size": len(request.get_data())}

    @app.get("/busy/<seconds>")
    def busy(seconds: str) -> str:
        time.sleep(float(seconds))
        return "done"

    @app.get("/large")
    def large() -> bytes:
        return b"x" * (32 << 20)

    return app


def main(port: int, home: str, given: dict[str, Any]) -> None:
    limits = WebLimits(**given["limits"])
    proxies, unlimited = (tuple(ip_network(one) for one in given[name]) for name in ("proxies", "unlimited"))
    listening = bound("127.0.0.1", port)
    listening.listen(2048)
    served = Served(listening.detach(), given["workers"], proxies, unlimited, limits, given["threads"])
    Web(make_app(Path(home), limits.max_body), served).run()


@dataclass(frozen=True)
class SmallWeb:
    """Where it listens, its home, and its process."""

    port: int
    home: Path
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def small_web(
    home: Path,
    *,
    workers: int = 1,
    threads: int = 4,
    proxies: tuple[str, ...] = (),
    unlimited: tuple[str, ...] = ("127.0.0.0/8",),
    **limits: Any,
) -> Iterator[SmallWeb]:
    """The application on a free port for as long as the block runs."""
    networks = {"proxies": proxies, "unlimited": unlimited}
    given = json.dumps({"limits": limits, "workers": workers, "threads": threads, **networks})
    port = free_port()
    command = [sys.executable, "-m", "tests.jobs.small_web", str(port), str(home), given]
    process = subprocess.Popen(command, env=os.environ, text=True)
    try:
        _wait(port, process)
        yield SmallWeb(port, home, process)
    finally:
        process.terminate()
        try:
            process.wait(20)
        finally:
            process.kill()


def _wait(port: int, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            if requests.get(f"http://127.0.0.1:{port}/", timeout=5).text == "hello":
                return
        except requests.RequestException:
            time.sleep(0.05)
    raise AssertionError("the small application does not answer")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]))
