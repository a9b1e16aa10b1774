"""The supervisor: forks the processes of a home, forks anew what dies, and goes on whatever it reaps."""

import contextlib
import gc
import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from incident import clock, logs, watchfile
from incident.jobs.lifeline import Lifeline
from incident.jobs.pulse import Patience, Pulses
from incident.jobs.signals import Signals

COLLECTING = (20_000, 10, 20)
"""After how many objects more the collector looks: a request leaves few cycles, and makes thousands of objects."""

GRACE = 12.0
RESTART_PAUSE = 0.5
PAUSE_AFTER_FAULT = 1.0
"""Seconds to wait when a process cannot be started, as there is no memory or no process left."""

STOPPING = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger()

Role = Callable[[Callable[[], None]], int]
"""What a process does until it is told to stop: it may call what it is given while it is at work, and returns its exit
status. One that has begun to call and then does not for half a minute is killed, and started anew."""


class Supervisor:
    """Forks the processes of a home, and forks anew what dies.

    Args:
        home: where deaths are noted, for the watch.
        roles: what each process does, by its name.
        patience: how long one that has beaten may be silent.
    """

    def __init__(self, home: Path, roles: Mapping[str, Role], patience: Patience | None = None) -> None:
        self._line = Lifeline()
        self._signals = Signals((*STOPPING, signal.SIGCHLD))
        self._home = home
        self._roles = roles
        self._children: dict[int, str] = {}
        self._due = dict.fromkeys(roles, 0.0)
        self._silent: set[int] = set()
        self._pulses = Pulses(list(roles), patience or Patience())
        self._look_at = 0.0
        self._kill_at: float | None = None

    def run(self) -> int:
        """Supervise until SIGTERM or SIGINT; return an exit status."""
        self._signals.begin()
        # What is there before the fork stays: the collector need not walk over it, and its pages stay shared.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECTING)
        while self._children or not self._is_stopping:
            try:
                self._go_round()
            except Exception:  # nothing that happens to a child, or to a log, ends the others
                with contextlib.suppress(Exception):
                    log.exception("the supervisor goes on after a fault")
                time.sleep(PAUSE_AFTER_FAULT)
        return 0

    @property
    def _is_stopping(self) -> bool:
        return self._kill_at is not None

    def _go_round(self) -> None:
        """Start what is due, wait for a signal or the next look, and see to what has happened."""
        self._start_due()
        came = self._signals.wait(self._pause())
        if came & set(STOPPING) and not self._is_stopping:
            self._kill_at = time.monotonic() + GRACE
            self._tell(signal.SIGTERM)
        self._reap()
        self._look()

    def _pause(self) -> float:
        moments = [self._look_at, *self._due.values()]
        if self._kill_at is not None:
            moments = [self._kill_at if self._kill_at > time.monotonic() else time.monotonic() + 1.0]
        return min(moments) - time.monotonic()

    def _tell(self, number: int) -> None:
        for pid in list(self._children):
            with contextlib.suppress(ProcessLookupError):  # it has ended, and is about to be taken off the list
                os.kill(pid, number)

    def _look(self) -> None:
        """Kill who is stopped or hangs: it is reaped, noted and started anew as any other that dies."""
        now = time.monotonic()
        if self._kill_at is not None:
            if now >= self._kill_at:
                self._tell(signal.SIGKILL)
            return
        if now < self._look_at:
            return
        self._look_at = now + self._pulses.patience.look_every
        for pid, role in list(self._children.items()):
            if self._pulses.is_silent(role):
                self._silent.add(pid)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _reap(self) -> None:
        """Take note of every child that has ended; what was never ours (a container's orphans) is let go."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                for gone in list(self._children):
                    self._note_death(gone, -1)
                return
            if not pid:
                return
            self._note_death(pid, status)

    def _note_death(self, pid: int, status: int) -> None:
        role = self._children.pop(pid, None)
        was_silent = pid in self._silent
        self._silent.discard(pid)
        if role is None or self._is_stopping:
            return
        self._due[role] = time.monotonic() + RESTART_PAUSE
        log.error("a process died and is started anew", role=role, status=status, was_silent=was_silent)
        watchfile.note_death(self._home, role, clock.now())

    # ------------------------------------------------------------------------------------------------- starting
    def _start_due(self) -> None:
        if self._is_stopping:
            return
        for role, moment in list(self._due.items()):
            if moment > time.monotonic():
                continue
            try:
                self._fork(role)
            except OSError as error:
                self._due[role] = time.monotonic() + PAUSE_AFTER_FAULT
                log.error("a process cannot be started", role=role, fault=str(error))
            else:
                del self._due[role]

    def _fork(self, role: str) -> None:
        logs.flush()
        self._pulses.begin(role)
        # Until the child is noted here, and has let go of our handlers there, signals wait.
        with self._signals.held_back():
            pid = os.fork()
            if pid:
                self._children[pid] = role
                return
            status = 1
            try:
                self._signals.leave()
                self._line.watch()
                status = self._guarded(role)
            finally:  # whatever happens, a child never comes back into its parent's loop
                os._exit(status)

    def _guarded(self, role: str) -> int:
        try:
            with contextlib.suppress(OSError):  # Linux alone shows `ps` and `top` what each process is for
                Path("/proc/self/comm").write_text(f"incident-{role}")
            signal.pthread_sigmask(signal.SIG_UNBLOCK, (*STOPPING, signal.SIGCHLD))
            return self._roles[role](self._pulses.beating(role))
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else 1
        except BaseException:
            log.exception("a process failed")
            return 1
        finally:
            logs.flush()
