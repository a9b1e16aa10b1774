"""`incident serve`: web workers, a clock and a watch beside them, each started anew when it dies; `work`: no web."""

import contextlib
import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import structlog
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from incident import clock, watchfile
from incident.jobs.carriers import Tools
from incident.jobs.clock import Clock, Part, Stuck
from incident.jobs.lifeline import Lifeline
from incident.jobs.pulse import Patience, Pulses
from incident.jobs.watch import Orders, Watch
from incident.wake import Listener

THREADS = 64
"""Threads of one web worker; event streams are capped below it (incident/web/live.py)."""

STREAMS = "incident_live"
"""Under which name the event streams stand in `app.extensions`; they end when their worker is to end."""

COLLECTING = (20_000, 10, 20)
"""After how many objects more the collector looks: a request leaves few cycles, and makes thousands of objects."""

GRACE = 12.0
RESTART_PAUSE = 0.5
STOPPING = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger()


@dataclass(frozen=True)
class Served:
    """Where and how the program is served."""

    host: str
    port: int
    workers: int

    @property
    def bind(self) -> str:
        """The address as gunicorn wants it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Web(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn around an application that was made before the fork."""

    def __init__(self, app: Flask, served: Served) -> None:
        self._app = app
        self._served = served
        self._workers_line = Lifeline()
        super().__init__()

    def load_config(self) -> None:
        """Set what would be gunicorn's command line."""

        def post_fork(_arbiter: Arbiter, worker: Worker) -> None:
            self._workers_line.watch()
            clock.keep_measured()
            self._app.extensions[STREAMS].fit(THREADS, lambda: worker.alive)

        settings = {
            "bind": self._served.bind,
            "workers": self._served.workers,
            "worker_class": "gthread",
            "threads": THREADS,
            "preload_app": True,
            "keepalive": 5,
            "timeout": 60,
            "graceful_timeout": 5,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_fork": post_fork,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application."""
        return self._app


Role = Callable[[Callable[[], None]], int]
"""What a process does until it is told to stop: it may call what it is given while it is at work, and returns its exit
status. One that has begun to call and then does not for half a minute is killed, and started anew."""


def run_clock(app: Flask, tools: Tools, listen: Callable[[], Listener], part: Part, beat: Callable[[], None]) -> int:
    """Run a clock until SIGTERM or SIGINT; return an exit status.

    Args:
        app: the application, made before any fork.
        tools: what work outside is done with.
        listen: makes what the clock waits on, in its own process.
        part: what it does.
        beat: says that it is at work.
    """
    clock.keep_measured()
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)  # what listens is not to be left behind
    hand = Clock(app, tools, listen(), parts=[part], beat=beat)

    def stop(_number: int, _frame: FrameType | None) -> None:
        hand.stop()

    for number in STOPPING:
        signal.signal(number, stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    try:
        hand.run()
    except Stuck as stuck:
        log.critical("the clock is stuck and ends", why=str(stuck))
        sys.stderr.flush()
        os._exit(70)  # threads that hang must not keep the process
    return 0


def run_watch(app: Flask, orders: Orders) -> int:
    """Watch the machinery until SIGTERM or SIGINT; return an exit status."""
    clock.keep_measured()
    watch = Watch(app, orders)
    signal.signal(signal.SIGTERM, lambda _number, _frame: watch.stop())
    signal.signal(signal.SIGINT, lambda _number, _frame: watch.stop())
    watch.run()
    sys.stderr.flush()
    os._exit(0)  # a database that hangs must not keep the process


def run_web(app: Flask, served: Served) -> int:
    """Serve pages and API until a signal ends it; return an exit status."""
    Web(app, served).run()
    return 0


class Supervisor:
    """Forks the processes of a home, and forks anew what dies.

    Args:
        home: where deaths are noted, for the watch.
        roles: what each process does, by its name.
        patience: how long one that has beaten may be silent.
    """

    def __init__(self, home: Path, roles: Mapping[str, Role], patience: Patience | None = None) -> None:
        self._line = Lifeline()
        self._is_stopping = False
        self._home = home
        self._roles = roles
        self._children: dict[int, str] = {}
        self._silent: set[int] = set()
        self._pulses = Pulses(list(roles), patience or Patience())

    def run(self) -> int:
        """Supervise until SIGTERM or SIGINT; return an exit status."""
        signal.signal(signal.SIGALRM, self._on_look)
        signal.setitimer(signal.ITIMER_REAL, *[self._pulses.patience.look_every] * 2)
        for number in STOPPING:
            signal.signal(number, self._on_stop)
        # What is there before the fork stays: the collector need not walk over it, and its pages stay shared.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECTING)
        for role in self._roles:
            self._fork(role)
        while self._children:
            self._reap()
        return 0

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True
        self._tell(signal.SIGTERM)
        signal.signal(signal.SIGALRM, self._on_late)
        signal.setitimer(signal.ITIMER_REAL, GRACE)

    def _on_look(self, _number: int, _frame: FrameType | None) -> None:
        """Kill who is stopped or hangs: it is reaped, noted and started anew as any other that dies."""
        for pid, role in list(self._children.items()):
            if self._pulses.is_silent(role):
                self._silent.add(pid)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _on_late(self, _number: int, _frame: FrameType | None) -> None:
        self._tell(signal.SIGKILL)

    def _tell(self, number: int) -> None:
        for pid in list(self._children):
            with contextlib.suppress(ProcessLookupError):  # it has ended, and is about to be taken off the list
                os.kill(pid, number)

    def _reap(self) -> None:
        try:
            pid, status = os.wait()
        except ChildProcessError:
            self._children.clear()
            return
        role = self._children.pop(pid, None)
        if role is None or self._is_stopping:
            return
        log.error("a process died and is started anew", role=role, status=status, was_silent=pid in self._silent)
        self._silent.discard(pid)
        watchfile.note_death(self._home, role, clock.now())
        time.sleep(RESTART_PAUSE)
        self._fork(role)

    def _fork(self, role: str) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self._pulses.begin(role)
        # Until the child is noted here, and has let go of our handlers there, a signal to stop waits.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        pid = -1 if self._is_stopping else os.fork()
        if pid:
            if pid > 0:
                self._children[pid] = role
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
            return
        self._line.watch()
        with contextlib.suppress(OSError):  # Linux alone shows `ps` and `top` what each process is for
            Path("/proc/self/comm").write_text(f"incident-{role}")
        for number in (*STOPPING, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        os._exit(self._guarded(role))

    def _guarded(self, role: str) -> int:
        try:
            return self._roles[role](self._pulses.beating(role))
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else 1
        except BaseException:
            log.exception("a process failed")
            return 1
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
