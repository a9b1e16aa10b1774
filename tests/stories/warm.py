"""Starts the program in a process that has loaded its modules already: a start of Python takes seconds.

`python -m tests.stories.warm N` is that process. It receives requests on the socket N and forks the program for each;
it ends with the process of tests. A program that it has started is a leader of a session, as after `Popen`.
"""

import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Any

import flask
from jinja2 import FileSystemBytecodeCache
from werkzeug.datastructures import ImmutableDict

import incident

BESIDE = ("gunicorn.arbiter", "flask_migrate")
"""Modules of others that the program loads when it is started."""

LARGEST = 1 << 18
"""Bytes of a request: the environment is the most of it."""


class Started:
    """A process that was forked elsewhere, used like one of `subprocess.Popen`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit status, negative after a signal; None while it runs."""
        if self.returncode is None:
            self.returncode = _asked({"poll": self.pid})
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; raises `subprocess.TimeoutExpired` after seconds."""
        end = time.monotonic() + (timeout or float("inf"))
        while (status := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("incident", timeout or 0)
            time.sleep(0.01)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it with -9."""
        self.send_signal(signal.SIGKILL)


def start(arguments: Sequence[str], environ: Mapping[str, str], files: Sequence[int]) -> Started:
    """Start the program with arguments; `files` are its standard input, output and error output."""
    return Started(_asked({"arguments": list(arguments), "environ": dict(environ)}, files))


@functools.cache
def _line() -> socket.socket:
    """The line to the process that forks, which is started at first use."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in (here, there):
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            end.setsockopt(socket.SOL_SOCKET, option, LARGEST)
    with there:
        command = [sys.executable, "-m", "tests.stories.warm", str(there.fileno())]
        subprocess.Popen(command, pass_fds=[there.fileno()], stdin=subprocess.DEVNULL, start_new_session=True)
    return here


def _asked(request: dict[str, Any], files: Sequence[int] = ()) -> Any:
    socket.send_fds(_line(), [json.dumps(request).encode()], files)
    return json.loads(_line().recv(LARGEST))


# ------------------------------------------------------------------------------------------- the process that forks
def _serve(line: socket.socket, folder: str) -> None:
    """Fork for each request; programs share the templates that they have compiled, in a folder."""
    options: dict[str, Any] = dict(flask.Flask.jinja_options)
    flask.Flask.jinja_options = ImmutableDict(options | {"bytecode_cache": FileSystemBytecodeCache(folder)})
    gc.disable()
    for name in (*(one.name for one in pkgutil.walk_packages(incident.__path__, "incident.")), *BESIDE):
        if not name.endswith("__main__"):
            importlib.import_module(name)
    gc.enable()
    gc.freeze()  # what a program does not share with the others is only what it makes itself
    while True:
        received, files, _flags, _address = socket.recv_fds(line, LARGEST, 3)
        if not received:
            return
        request = json.loads(received)
        if "poll" in request:
            answer = _status(request["poll"])
        else:
            answer = os.fork()
            if not answer:
                line.close()
                _become(request["arguments"], request["environ"], files)
        for file in files:
            os.close(file)
        line.send(json.dumps(answer).encode())


def _status(pid: int) -> int | None:
    with contextlib.suppress(ChildProcessError):
        gone, status = os.waitpid(pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if gone else None
    return -signal.SIGKILL


def _become(arguments: list[str], environ: dict[str, str], files: list[int]) -> None:
    """In the child: be the program, and never return."""
    status = 1
    try:
        os.setsid()
        for place, file in enumerate(files):
            os.dup2(file, place)
            os.close(file)
        os.environ.clear()
        os.environ.update(environ)
        sys.orig_argv[:] = [sys.executable, "-m", "incident.cli", *arguments]
        sys.argv[:] = ["incident", *arguments]
        from incident.cli import main

        main(arguments, prog_name="incident")
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
        os._exit(status)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="incident-templates-") as templates:
        _serve(socket.socket(fileno=int(sys.argv[1])), templates)
