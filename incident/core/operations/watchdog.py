"""Findings of the watchdog: measured values compared with their limits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from incident.core.journal.anchor import OLD_AFTER
from incident.core.values.error_messages import N_

MEBIBYTE: Final = 1 << 20
MAX_ORIGINS: Final = 5
"""How many dead origins are named; when there are more, the network of this machine is at fault."""

TEST: Final = "test"
"""The code of a test alarm: no trouble."""

TROUBLE_WORDS: Final = {
    TEST: N_("This is a test. Nothing is wrong."),
    "clock.silent": N_("The scheduler has not run for {seconds} seconds. Timers and messages are on hold."),
    "process.dying": N_("The process {role} has crashed {count} times within {minutes} minutes."),
    "threads.busy": N_("All threads of a web process have been busy for {seconds} seconds. Requests are waiting."),
    "timers.late": N_("The oldest timer is {seconds} seconds late."),
    "messages.late": N_("A message has been due for {seconds} seconds and was not sent."),
    "messages.failing": N_("A receiver has not accepted a message for {minutes} minutes."),
    "database.gone": N_("The database does not answer ({fault})."),
    "database.damaged": N_("The database is damaged ({fault})."),
    "disk.low": N_("Only {free} MiB free on the disk of the home."),
    "clock.ahead": N_("The clock of {host} is {seconds} seconds ahead of the database."),
    "clock.behind": N_("The clock of {host} is {seconds} seconds behind the database."),
    "sign_in.attacked": N_("Attempts to sign in as {login} within an hour: {count}."),
    "alerts.refused": N_("Alerts of {token} are refused because it sends too many."),
    "anchors.old": N_("The newest external anchor of the journal is {hours} hours old."),
    "anchors.failing": N_("No anchor of the journal has been accepted for {hours} hours: {place}."),
    "export.late": N_("Entries of the journal have waited {minutes} minutes for the log collector {collector}."),
    "circuit.open": N_("Sending to {origin} is paused after repeated failures."),
    "contacts.unconfirmed": N_("Contacts whose test no one confirmed in time: {count}."),
    "contacts.failing": N_("Contacts that failed their last check: {count}."),
    "custodians.overdue": N_("Custodians who have not opened a test seal within a quarter: {count}."),
    "subscriptions.paused": N_("Subscriptions paused because their receiver fails or is gone: {count}."),
}

_SET_TIME: Final = N_(
    "Set its time by NTP (chrony or systemd-timesyncd). Until then, timers there use the time of the "
    "database, but TLS connections may fail."
)

ADVICE: Final = {
    "clock.silent": N_(
        "Check whether `incident serve` or `incident work` is running, read its log, and start it again."
    ),
    "process.dying": N_("Its log says why it crashes. Until that is fixed, it is restarted each time."),
    "threads.busy": N_(
        "Check what requests are waiting for: database, disk or network. Start more web processes if needed."
    ),
    "timers.late": N_("The machine or the database is too slow, or a timer fails. See System health and the log."),
    "messages.late": N_("Sending is too slow or stuck. See System health and the log of the scheduler."),
    "messages.failing": N_("See what the receiver answers under Messages, and contact the department another way."),
    "database.gone": N_("Start the database, or check its disk and its log. Everything waits until it responds."),
    "database.damaged": N_("Keep a copy of it as it is, restore a backup, and start again. Until then, use paper."),
    "disk.low": N_("Free up space on the disk of the home. Without it, nothing can be saved."),
    "clock.ahead": _SET_TIME,
    "clock.behind": _SET_TIME,
    "sign_in.attacked": N_(
        "Ask this person. If it was not them, someone is guessing their password: have them change it."
    ),
    "alerts.refused": N_(
        "Find out what sends so many alerts: a storm, or a fault of the sender. If they are real, raise the limit."
    ),
    "anchors.old": N_("See System health and the log for the cause, then try `incident journal anchor`."),
    "anchors.failing": N_("See its answer under System health. Once it is fixed, try `incident journal anchor`."),
    "export.late": N_("Check whether the collector is running and can be reached. The log shows its answers."),
    "circuit.open": N_("Check whether the provider or the network is down. Waiting messages go by the next channel."),
    "contacts.unconfirmed": N_(
        "Phone them: the test may be in the junk folder, or no one reads these messages any more."
    ),
    "custodians.overdue": N_("Ask them to sign in and open one on the page Custodians."),
    "contacts.failing": N_("Test them on the page of their department, and correct the address or the secret."),
    "subscriptions.paused": N_("See what it answers under Subscriptions. Resume it when it works again, or remove it."),
}

GRAVE: Final = frozenset(
    {
        "clock.silent",
        "process.dying",
        "timers.late",
        "messages.late",
        "database.gone",
        "database.damaged",
        "disk.low",
    }
)
"""During one of these, the outside is not notified that all is well; the others concern receivers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Thresholds of trouble: durations in seconds, the disk in bytes."""

    clock_silent: float = 30
    threads_busy: float = 10
    refused_within: float = 60
    timer_late: float = 60
    message_late: float = 120
    message_failing: float = 1_800
    deaths: int = 3
    deaths_within: float = 600
    damage_within: float = 3_600
    disk_least: int = 200 * MEBIBYTE
    clock_off: float = 10
    anchor_old: float = OLD_AFTER.total_seconds()
    anchor_failing: float = 3_600
    export_late: float = 600


@dataclass(frozen=True, slots=True)
class ClockOff:
    """Seconds by which a machine's clock is ahead of the database's (negative: behind); `node` is its id."""

    node: str
    host: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Measurements at one moment; durations in seconds, the disk in bytes; None is unknown.

    `silent_for` counts from the last tick of any scheduler, `busy_for` from when no thread of a web worker was free,
    `message_late` from when the longest waiting message was due, `message_failing` from when the oldest message was
    written that was tried and not accepted. `deaths` counts by process. `damage` is the database's own report of
    damage. `anchor_age` counts from the newest anchor of the journal, `failing_anchors` by place since when it has
    accepted none, `export_late` from when the oldest entry was written that the log collector has not received.
    """

    database_fault: str | None = None
    damage: str | None = None
    silent_for: float | None = None
    busy_for: float | None = None
    timer_late: float | None = None
    message_late: float | None = None
    message_failing: float | None = None
    deaths: Mapping[str, int] = field(default_factory=dict)
    disk_free: int | None = None
    clocks_off: tuple[ClockOff, ...] = ()
    attacked_logins: tuple[tuple[str, int], ...] = ()
    refused_senders: tuple[str, ...] = ()
    anchor_age: float | None = None
    failing_anchors: tuple[tuple[str, float], ...] = ()
    export_late: tuple[str, float] | None = None
    open_origins: tuple[str, ...] = ()
    failing_contacts: int = 0
    overdue_custodians: int = 0
    unconfirmed_contacts: int = 0
    paused_subscriptions: int = 0


@dataclass(frozen=True, slots=True)
class Trouble:
    """One fault: its code, and the arguments of its sentence."""

    code: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The identity of the trouble across checks."""
        part = next(filter(None, map(self.arguments.get, ("role", "origin", "node", "login", "token", "place"))), None)
        return f"{self.code}:{part}" if part else self.code


def troubles_of(measured: Measured, limits: Limits) -> tuple[Trouble, ...]:
    """Return the present troubles, the most severe first."""
    return tuple(_troubles(measured, limits))


def _troubles(measured: Measured, limits: Limits) -> Iterator[Trouble]:
    said = {"database.gone": measured.database_fault, "database.damaged": measured.damage}
    yield from (Trouble(code, {"fault": fault}) for code, fault in said.items() if fault is not None)
    if measured.disk_free is not None and measured.disk_free < limits.disk_least:
        yield Trouble("disk.low", {"free": measured.disk_free // MEBIBYTE})
    for role, count in sorted(measured.deaths.items()):
        if count >= limits.deaths:
            minutes = round(limits.deaths_within / 60)
            yield Trouble("process.dying", {"role": role, "count": count, "minutes": minutes})
    for code, seconds, limit in (
        ("clock.silent", measured.silent_for, limits.clock_silent),
        ("threads.busy", measured.busy_for, limits.threads_busy),
        ("timers.late", measured.timer_late, limits.timer_late),
        ("messages.late", measured.message_late, limits.message_late),
        ("messages.failing", measured.message_failing, limits.message_failing),
    ):
        if seconds is not None and seconds > limit:
            yield Trouble(code, {"seconds": round(seconds), "minutes": round(seconds / 60)})
    for one in measured.clocks_off:
        if abs(one.seconds) > limits.clock_off:
            code = "clock.ahead" if one.seconds > 0 else "clock.behind"
            yield Trouble(code, {"host": one.host, "seconds": round(abs(one.seconds)), "node": one.node})
    yield from _troubles_of_anchors(measured, limits)
    if measured.export_late is not None and measured.export_late[1] > limits.export_late:
        collector, seconds = measured.export_late
        yield Trouble("export.late", {"collector": collector, "minutes": round(seconds / 60)})
    yield from _troubles_outside(measured)


def _troubles_of_anchors(measured: Measured, limits: Limits) -> Iterator[Trouble]:
    """Yield troubles of anchors: without a new anchor outside, recent journal entries are unproved."""
    if measured.anchor_age is not None and measured.anchor_age > limits.anchor_old:
        yield Trouble("anchors.old", {"hours": round(measured.anchor_age / 3600)})
    for place, seconds in measured.failing_anchors:
        if seconds > limits.anchor_failing:
            yield Trouble("anchors.failing", {"place": place, "hours": round(seconds / 3600)})


def _troubles_outside(measured: Measured) -> Iterator[Trouble]:
    """Yield troubles caused by people outside, and of receivers."""
    for login, count in measured.attacked_logins:
        yield Trouble("sign_in.attacked", {"login": login, "count": count})
    for token in measured.refused_senders:
        yield Trouble("alerts.refused", {"token": token})
    for origin in measured.open_origins[:MAX_ORIGINS]:
        yield Trouble("circuit.open", {"origin": origin})
    if measured.failing_contacts:
        yield Trouble("contacts.failing", {"count": measured.failing_contacts})
    if measured.overdue_custodians:
        yield Trouble("custodians.overdue", {"count": measured.overdue_custodians})
    if measured.unconfirmed_contacts:
        yield Trouble("contacts.unconfirmed", {"count": measured.unconfirmed_contacts})
    if measured.paused_subscriptions:
        yield Trouble("subscriptions.paused", {"count": measured.paused_subscriptions})


def is_well(troubles: tuple[Trouble, ...]) -> bool:
    """Whether the outside may be notified that the instance does its work."""
    return not any(trouble.code in GRAVE for trouble in troubles)
