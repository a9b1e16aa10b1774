"""Regimes: what a law asks to be reported, in stages, each with its start, its length and its recipients."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args
from zoneinfo import ZoneInfo

from incident.core.deadlines.counting import Counting, Period, read_period
from incident.core.deadlines.figure_hash import figure_hash
from incident.core.values.faults import RuleError, raise_all

OperatorClass = Literal["cii", "central_state", "other"]
OPERATOR_CLASSES: Final[tuple[OperatorClass, ...]] = get_args(OperatorClass)
"""Critical information infrastructure; central Party and state organs and their units; every other operator."""

StageKind = Literal["notify", "supplement", "progress", "final", "inform_persons", "upward"]
Texts = Mapping[str, str]

AWARE: Final = "aware"
HANDLED: Final = "handling_ended"
FACT_ADDED: Final = "fact_added"
FILED, RECEIVED = "filed:", "received:"
"""Prefixes of starts: the first filing of a stage, and the first receipt of one that can be proved."""

VERIFIED_PERIODS: Final = frozenset({"primary", "read"})
"""Kinds of evidence of a period that was read, not recalled."""

RECORDED_EVENTS: Final = ("classified", "material", "paid", "assessed", "measure_available", FACT_ADDED)
"""Events that people record for the laws that ask for them, beside awareness and the end of handling."""


@dataclass(frozen=True, slots=True)
class DutyCondition:
    """When a duty exists: at a grade, by the number that answers a question, by an event, or by judgement.

    `grade` is the least grave that is reported. `event` is one that people record and that decides it. With `is_judged`
    a person must judge it unless the answer alone decides.
    """

    grade: int | None = None
    answer: str | None = None
    at_least: int = 0
    below: int | None = None
    event: str | None = None
    is_judged: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a stage goes. One that `is_local` is found by the regions of the organisation."""

    role: str
    name: Texts
    is_local: bool = False


@dataclass(frozen=True, slots=True)
class Cap:
    """A second limit of a stage, with a start of its own; the earlier end counts."""

    period: Period
    start: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One duty of a regime.

    `evidence` says where its figure is from: `primary` (the text of the law), `read` (elsewhere), `secondary` (reports
    about it) or `recalled`. `hop` is 2 when the duty is the recipient's, that with the role `duty_of`. `is_target`
    marks a period that the law does not give in figures. `ongoing` is `while` for a report that is due only if handling
    goes on then, `after` for the final one that it puts off. `figure_hash` is the SHA-256 of what the stage asks for.
    """

    key: str
    title: Texts
    kind: StageKind
    start: str
    period: Period
    evidence: str
    hop: int = 1
    duty_of: str | None = None
    to: Sequence[Recipient] = ()
    caps: Sequence[Cap] = ()
    condition: DutyCondition = field(default_factory=DutyCondition)
    is_target: bool = False
    ongoing: str | None = None
    note: Texts | None = None
    figure_hash: str = ""

    @property
    def is_verified(self) -> bool:
        """Whether the figure was read in the law or a text that quotes it."""
        return self.evidence in VERIFIED_PERIODS


@dataclass(frozen=True, slots=True)
class Regime:
    """A law's set of reporting duties, at one version: `content_hash` is the SHA-256 of its data.

    It follows for operators of its classes; one without classes is chosen by the organisation. `zone` and `calendar`
    are those by which it counts; `status` says what is known of its being in force when that is not certain.
    """

    id: str
    title: Texts
    ref: str
    trigger: Texts
    zone: ZoneInfo
    counting: Counting
    stages: Sequence[Stage]
    content_hash: str
    calendar: str | None = None
    operator_classes: Collection[str] = ()
    condition: DutyCondition = field(default_factory=DutyCondition)
    applies_from: dt.date | None = None
    status: Texts | None = None

    def stage(self, key: str) -> Stage:
        """Return a stage by its key; raises KeyError."""
        return {one.key: one for one in self.stages}[key]

    def owed_by(self, roles: Collection[str], received: str) -> bool:
        """Return whether a recipient with these roles owes a report onward once it has received a stage."""
        return any(one.duty_of in roles for one in self.stages if one.start == RECEIVED + received)

    @property
    def events(self) -> Collection[str]:
        """The events that people record for this regime."""
        starts = {one.start for one in self.stages} | {cap.start for one in self.stages for cap in one.caps}
        return [kind for kind in RECORDED_EVENTS if kind in starts]


@dataclass(frozen=True, slots=True)
class OrganizationProfile:
    """What decides which regimes apply: the class of the operator, and regimes that are chosen besides."""

    operator_class: OperatorClass
    sectors: Sequence[str] = ()
    regions: Sequence[str] = ()
    regimes: Sequence[str] = ()


def regimes_of(profile: OrganizationProfile, known: Mapping[str, Regime]) -> list[Regime]:
    """Return the regimes that apply to an organisation: they add up, none replaces another."""
    return [
        one
        for one in known.values()
        if profile.operator_class in one.operator_classes or (one.id in profile.regimes and not one.operator_classes)
    ]


def check_profile(profile: OrganizationProfile, known: Mapping[str, Regime]) -> None:
    """Raise RuleError for regimes that do not exist or follow from the class: `regime.unknown`, `regime.follows`."""
    faults = []
    for index, one in enumerate(profile.regimes):
        pointer = f"/regimes/{index}"
        if one not in known:
            faults.append(RuleError("regime.unknown", {"regime": one[:60]}, pointer=pointer))
        elif known[one].operator_classes:
            faults.append(RuleError("regime.follows", {"regime": one}, pointer=pointer))
    raise_all(faults)


def read_regime(document: Mapping[str, Any], content_hash: str) -> Regime:
    """Read the data of a regime; raises KeyError, TypeError or ValueError on data of another form."""
    since = document.get("applies_from")
    return Regime(
        **{
            **document,
            "zone": ZoneInfo(document["zone"]),
            "stages": tuple(_stage(figure_hash(document["id"], one), **one) for one in document["stages"]),
            "condition": DutyCondition(**document.get("condition", {})),
            "operator_classes": tuple(document.get("operator_classes", ())),
            "applies_from": None if since is None else dt.date.fromisoformat(since),
            "content_hash": content_hash,
        }
    )


def _stage(mark: str, due: str, caps: Any = (), to: Any = (), condition: Any = None, **given: Any) -> Stage:
    return Stage(
        **given,
        figure_hash=mark,
        period=read_period(due),
        caps=tuple(Cap(read_period(one["due"]), one["start"]) for one in caps),
        to=tuple(Recipient(**one) for one in to),
        condition=DutyCondition(**(condition or {})),
    )


def regime_faults(regime: Regime) -> Iterator[str]:
    """Yield what is wrong with a regime: stages that nothing can start, or two of one key."""
    keys = [one.key for one in regime.stages]
    if len(set(keys)) < len(keys):
        yield f"{regime.id}: two stages have one key"
    for one in regime.stages:
        for start in (one.start, *(cap.start for cap in one.caps)):
            prefix, _, stage = start.rpartition(":")
            if start not in (AWARE, HANDLED, *RECORDED_EVENTS) and not (
                f"{prefix}:" in (FILED, RECEIVED) and stage in keys and stage != one.key
            ):
                yield f"{regime.id}/{one.key}: nothing is called {start}"
