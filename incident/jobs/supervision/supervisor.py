"""The supervisor: forks the processes of a home, restarts those that die, and continues after any fault."""

import contextlib
import gc
import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog
from setproctitle import setproctitle

from incident import clock, logs, watchdog_state
from incident.jobs.scheduling.process_heartbeats import ProcessHeartbeats, StallTimeout
from incident.jobs.supervision import handover
from incident.jobs.supervision.handover import NOTHING, Handover
from incident.jobs.supervision.parent_death_pipe import ParentDeathPipe
from incident.jobs.supervision.signals import Signals
from incident.jobs.supervision.terminal import Terminal

COLLECTING = (20_000, 10, 20)
"""Objects before a garbage collection: a request leaves few cycles, and creates thousands of objects."""

GRACE = 12.0
RESTART_PAUSE = 0.5
PAUSE_AFTER_FAULT = 1.0
"""Wait (s) when a process cannot be started, because of the limit of memory or of processes."""

TRIAL_LIMIT = 60.0
"""Time (s) for a new image of the program to show that it would start."""

STOPPING = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger()

Role = Callable[[Callable[[], None]], int]
"""The work of a process until it is stopped: it may call its heartbeat, and returns its exit status.

A process that has begun to call it and then does not for half a minute is killed and restarted."""


class Supervisor:
    """Forks the processes of a home, restarts those that die, and reloads the program at SIGHUP.

    Args:
        home: the folder where deaths are recorded, for the watchdog.
        roles: the work of each process, by its name.
        stall_timeout: how long a process with a heartbeat may be silent.
        handed: the handover of the previous image; its listener is closed at the stop of all.
        serving: the only role that needs the listener.
    """

    def __init__(
        self,
        home: Path,
        roles: Mapping[str, Role],
        stall_timeout: StallTimeout | None = None,
        handed: Handover = NOTHING,
        serving: str = "web",
    ) -> None:
        self._line = ParentDeathPipe()
        self._signals = Signals((*STOPPING, signal.SIGHUP, signal.SIGCHLD))
        self._terminal = Terminal()
        self._home = home
        self._roles = roles
        self._serving = serving
        self._listener = handed.listener
        self._old_line = handed.line
        self._leaving = dict(handed.children)
        self._children: dict[int, str] = {}
        self._due = dict.fromkeys(roles, 0.0)
        self._silent: set[int] = set()
        self._heartbeats = ProcessHeartbeats(list(roles), stall_timeout or StallTimeout())
        self._check_at = 0.0
        self._kill_at: float | None = None
        self._is_stopping = False
        self._is_reload_wanted = False
        self._trial: int | None = None
        self._trial_until = 0.0

    def run(self) -> int:
        """Supervise until SIGTERM or SIGINT; return an exit status."""
        self._signals.begin()
        # Objects from before the fork stay: the collector need not visit them, and their pages stay shared.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECTING)
        while self._children or self._leaving or not self._is_stopping:
            try:
                self._run_cycle()
            except Exception:  # no fault of a child, or of a log, ends the others
                with contextlib.suppress(Exception):
                    log.exception("the supervisor continues after a fault")
                time.sleep(PAUSE_AFTER_FAULT)
        return 0

    def _run_cycle(self) -> None:
        """Start due processes, wait for a signal or the next check, and handle the events."""
        self._start_due()
        self._take_leave()
        received = self._signals.wait(self._pause())
        if signal.SIGHUP in received and self._terminal.has_gone():
            received.add(signal.SIGTERM)
        if received & set(STOPPING):
            self._stop()
        elif signal.SIGHUP in received:
            self._is_reload_wanted = True
        self._reap()
        self._check_heartbeats()
        self._reload()

    def _pause(self) -> float:
        now = time.monotonic()
        moments = [] if self._is_stopping else [self._check_at, *self._due.values()]
        if self._kill_at is not None:
            moments.append(self._kill_at if self._kill_at > now else now + 1.0)
        return min(moments, default=now + 1.0) - now

    def _stop(self) -> None:
        if self._is_stopping:
            return
        self._is_stopping = True
        if self._listener is not None:  # new clients are refused at once
            os.close(self._listener)
            self._listener = None
        self._let_end([*self._children, *self._leaving])
        _tell(signal.SIGKILL, [self._trial] if self._trial is not None else [])

    def _let_end(self, pids: list[int]) -> None:
        """Ask processes to end; those that do not within their time are killed."""
        self._kill_at = time.monotonic() + GRACE
        _tell(signal.SIGTERM, pids)

    def _check_heartbeats(self) -> None:
        """Kill processes that are stopped or hang: they are reaped, recorded and restarted like any other that dies."""
        now = time.monotonic()
        if self._kill_at is not None and now >= self._kill_at:
            _tell(signal.SIGKILL, [*self._leaving, *(self._children if self._is_stopping else ())])
        if self._is_stopping or now < self._check_at:
            return
        self._check_at = now + self._heartbeats.stall_timeout.look_every
        if self._trial is not None and now > self._trial_until:
            _tell(signal.SIGKILL, [self._trial])
        for pid, role in self._children.items():
            if self._heartbeats.is_stalled(role):
                self._silent.add(pid)
                _tell(signal.SIGKILL, [pid])

    # -------------------------------------------------------------------------------------------------- reaping
    def _reap(self) -> None:
        """Record every child that has ended; foreign processes (a container's orphans) are only reaped."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self._leaving.clear()
                self._trial = None
                for gone in list(self._children):
                    self._note_death(gone, -1)
                return
            if not pid:
                return
            if pid == self._trial:
                self._end_trial(status)
            elif self._leaving.pop(pid, None) is None:
                self._note_death(pid, status)

    def _note_death(self, pid: int, status: int) -> None:
        role = self._children.pop(pid, None)
        was_silent = pid in self._silent
        self._silent.discard(pid)
        if role is None or self._is_stopping:
            return
        self._due[role] = time.monotonic() + RESTART_PAUSE
        log.error("a process died and is restarted", role=role, status=status, was_silent=was_silent)
        watchdog_state.record_crash(self._home, role, clock.now())

    # ------------------------------------------------------------------------------------------------- starting
    def _start_due(self) -> None:
        for role, moment in list(self._due.items()):
            if self._is_stopping or moment > time.monotonic():
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
        self._heartbeats.begin(role)
        # Until the child is recorded here, and has removed our handlers there, signals wait.
        with self._signals.held_back():
            pid = os.fork()
            if pid:
                self._children[pid] = role
                return
            status = 1
            try:
                self._signals.leave()
                self._let_go_of_old(role)
                self._line.watch()
                self._signals.let_through()
                status = self._guarded(role)
            finally:  # whatever happens, a child never returns into its parent's loop
                os._exit(status)

    def _let_go_of_old(self, role: str) -> None:
        """In a child: close everything that would make it look like the parent of the old ones, or a server."""
        for descriptor in self._old_line:
            os.close(descriptor)
        if self._listener is not None and role != self._serving:
            os.close(self._listener)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # it is the parent that reloads

    def _guarded(self, role: str) -> int:
        try:
            setproctitle(f"incident-{role}")  # the name in `ps` and `top`
            return self._roles[role](self._heartbeats.beat_of(role))
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else 1
        except BaseException:
            log.exception("a process failed")
            return 1
        finally:
            logs.flush()

    # ------------------------------------------------------------------------------------------------ reloading
    def _take_leave(self) -> None:
        """Stop the children of the previous image, now that those of this one are running."""
        if self._leaving and self._kill_at is None and not self._due:
            self._let_end(list(self._leaving))
        if not self._leaving and self._old_line:
            for descriptor in self._old_line:
                os.close(descriptor)
            self._old_line = ()
            self._kill_at = None if not self._is_stopping else self._kill_at

    def _reload(self) -> None:
        """Test whether a new image would start, once the last reload is over; this one works on meanwhile."""
        if not self._is_reload_wanted or self._is_stopping or self._leaving or self._trial is not None:
            return
        self._is_reload_wanted = False
        log.info("the program is reloaded")
        self._trial = handover.try_out()
        self._trial_until = time.monotonic() + TRIAL_LIMIT

    def _end_trial(self, status: int) -> None:
        self._trial = None
        if self._is_stopping:
            return
        if status:
            log.error(
                "the reload was refused: the new program does not start, the running one continues", status=status
            )
            return
        logs.flush()
        self._signals.hold_back()
        try:
            handover.become(Handover(self._listener, self._line.ends, self._children))
        finally:
            self._signals.let_through()


def _tell(number: int, pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):  # it has ended, and is about to be removed from the list
            os.kill(pid, number)
