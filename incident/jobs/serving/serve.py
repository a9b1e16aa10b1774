"""The processes of `incident serve` and `incident work`: web workers, scheduler, delivery and watchdog."""

import os
import resource
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import structlog
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker as BaseWorker
from setproctitle import setproctitle

from incident import clock, logs
from incident.config import Network, Settings
from incident.jobs.journal.exporter import Exporter
from incident.jobs.scheduling.scheduler import Clock, Part, Stuck
from incident.jobs.scheduling.workers import Tools
from incident.jobs.serving import refusals
from incident.jobs.serving.busy import BusyNote
from incident.jobs.serving.web_limits import LOOPBACK, WebLimits, WebTerms
from incident.jobs.serving.web_worker import Worker
from incident.jobs.supervision.parent_death_pipe import ParentDeathPipe
from incident.jobs.supervision.supervisor import STOPPING
from incident.jobs.supervision.watchdog import Watch, WatchdogConfig
from incident.node import NODE, Node
from incident.proof_settings import ExportSettings
from incident.shared_counts import SharedCounts
from incident.wake import Listener

INSTANCE = "incident"
"""Key of the instance in `app.extensions`."""

FILES_BESIDE = 600
"""Files that a worker needs besides its connections: the database's, and those of clients that read their response."""

THREADS = 64
"""Threads of one web worker; event streams hold none (incident/web/streams/sse.py)."""

STREAMS = "incident_live"
"""Key of the event streams in `app.extensions`; they end when their worker stops."""

READS = "incident_access_log"
"""Key of the collector of the access log there; each worker starts its thread."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Served:
    """The descriptor of the listening socket, and the number of workers."""

    listener: int
    workers: int
    trusted_proxies: tuple[Network, ...] = ()
    unlimited: tuple[Network, ...] = LOOPBACK
    limits: WebLimits = field(default_factory=WebLimits)
    threads: int = THREADS


def bound(host: str, port: int) -> socket.socket:
    """Return a bound socket for an address, which listens when `listen` is called; raises OSError when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made


WEB_TITLE = "incident-web"
"""The name of web workers and their parent in `ps`, as the supervisor gives it."""


def _leave_reloading(_whose: object) -> None:
    """Disable gunicorn's own reload: the supervisor reloads."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


class Web(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with an application that was created before the fork."""

    def __init__(self, app: Flask, served: Served) -> None:
        self._app = app
        self._served = served
        self._workers_line = ParentDeathPipe()
        # In addition to each worker, one that is about to end may still serve.
        self._rows = 2 * served.workers
        self._counts = SharedCounts(self._rows)
        self._streams = (SharedCounts(self._rows), SharedCounts(self._rows))
        super().__init__()

    def load_config(self) -> None:
        """Set the options that gunicorn would take from its command line."""
        refusals.install()

        def pre_fork(arbiter: Arbiter, worker: BaseWorker) -> None:
            setproctitle(WEB_TITLE)  # gunicorn has given the parent a name of its own
            taken = {one.row for one in arbiter.WORKERS.values()}
            worker.row = next(row for row in range(self._rows) if row not in taken or row == self._rows - 1)

        def post_fork(_arbiter: Arbiter, worker: BaseWorker) -> None:
            setproctitle(WEB_TITLE)
            self._workers_line.watch()
            clock.keep_measured()
            self._app.extensions[READS].start()
            for counts in (self._counts, *self._streams):
                counts.use_row(worker.row)
            self._app.extensions[STREAMS].fit(self._served.threads, lambda: worker.alive, self._streams)

        settings = {
            "bind": f"fd://{self._served.listener}",
            "workers": self._served.workers,
            "worker_class": type("Worker", (Worker,), {"terms": self._terms()}),
            "worker_connections": _connections(self._served.limits),
            "forwarded_allow_ips": ",".join(map(str, self._served.trusted_proxies)),
            "threads": self._served.threads,
            "preload_app": True,
            "keepalive": 5,
            "limit_request_line": refusals.ADDRESS_LIMIT,
            "timeout": 60,
            "graceful_timeout": 5,
            "loglevel": "warning",
            "control_socket_disable": True,
            "pre_fork": pre_fork,
            "post_fork": post_fork,
            "when_ready": _leave_reloading,
            "post_worker_init": _leave_reloading,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application."""
        return self._app

    def _terms(self) -> WebTerms:
        home: Path = self._app.extensions[INSTANCE].settings.home
        limits = replace(self._served.limits, max_body=self._app.config["LARGEST_BODY"])
        return WebTerms(
            limits=limits,
            connections=self._counts,
            unlimited=self._served.unlimited + self._served.trusted_proxies,
            on_busy=BusyNote(home).look,
        )


def _connections(limits: WebLimits) -> int:
    """Return the number of connections per worker, and raise the system's limit of files to match."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.max_connections + FILES_BESIDE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return limits.max_connections if soft == resource.RLIM_INFINITY else min(wanted, soft) - FILES_BESIDE


def run_scheduler(
    app: Flask, tools: Tools, listen: Callable[[], Listener], part: Part, beat: Callable[[], None]
) -> int:
    """Run the scheduler, or the delivery process, until SIGTERM or SIGINT; return an exit status.

    Args:
        app: the application, created before any fork.
        tools: the tools for external work.
        listen: creates the source of wake-ups, in its own process.
        part: the part of the scheduler's work to do.
        beat: the heartbeat.
    """
    clock.keep_measured()
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)  # the listener must not be left behind
    hand = Clock(app, tools, listen(), parts=[part], beat=beat)

    def stop(_number: int, _frame: FrameType | None) -> None:
        hand.stop()

    for number in STOPPING:
        signal.signal(number, stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    try:
        hand.run()
    except Stuck as stuck:
        log.critical("the scheduler is stuck and exits", why=str(stuck))
        logs.flush()
        os._exit(70)  # threads that hang must not keep the process
    return 0


def run_export(app: Flask, settings: ExportSettings, beat: Callable[[], None]) -> int:
    """Export the journal to a log collector until SIGTERM or SIGINT; return an exit status.

    Args:
        app: the application, created before any fork.
        settings: the collector.
        beat: the heartbeat.
    """
    clock.keep_measured()
    here: Settings = app.extensions[INSTANCE].settings
    node: Node = app.extensions[NODE]
    exporter = Exporter(app, settings, urlsplit(here.public_url).hostname or "-", node.process(os.getpid()), beat=beat)
    for number in STOPPING:
        signal.signal(number, lambda _number, _frame: exporter.stop())
    exporter.run()
    logs.flush()
    os._exit(0)  # a database that hangs must not keep the process


def run_watchdog(app: Flask, orders: WatchdogConfig) -> int:
    """Run the watchdog until SIGTERM or SIGINT; return an exit status."""
    clock.keep_measured()
    watch = Watch(app, orders)
    signal.signal(signal.SIGTERM, lambda _number, _frame: watch.stop())
    signal.signal(signal.SIGINT, lambda _number, _frame: watch.stop())
    watch.run()
    logs.flush()
    os._exit(0)  # a database that hangs must not keep the process


def run_web(app: Flask, served: Served) -> int:
    """Serve pages and API until a signal ends it; return an exit status."""
    Web(app, served).run()
    return 0
