"""An alert from a program, in the one form that all sources are converted to."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

from incident.core.incidents.category import CATEGORY_LIMIT
from incident.core.incidents.grade import require_grade
from incident.core.incidents.indicator import Indicator
from incident.core.values.affiliation import AREA_LIMIT, AREAS
from incident.core.values.moment import format_moment, parse_moment
from incident.core.values.text import LABEL_LIMIT, LABEL_NAME_LIMIT, one_line, paragraphs

AlertStatus = Literal["firing", "resolved"]
FINGERPRINT_LIMIT: Final = 200
_MOMENTS: Final = ("occurred_at", "ended_at")
MAX_LABELS: Final = 100
MAX_ALERTS: Final = 1_000
"""Alerts that one request may hold."""
UNHANDLED: Final = "Alert of {source} could not be handled / 来自 {source} 的告警无法处理"
UNHANDLED_TITLE: Final = "Alert that could not be handled: {title} / 无法处理的告警：{title}"
"""Titles, in both languages, of an incident for an alert that could not be handled."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A part of a payload that is not an alert: a reason as code, and the arguments of its text."""

    reason: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert of one source.

    `fingerprint` is the source's own identifier of the event: the same as long as the event lasts, another for another
    event. `grade` is 1 to 4 or None, `occurred_at` and `ended_at` are UTC or None. Titles are one line, never empty and
    at most 300 characters; longer texts are cut and not refused, because an alert must not be lost for its length. A
    label `sector`, `region` or `campaign` gives that value where the source has no field for it. `sender_group`
    identifies the group that the sender itself sent it in, such as Alertmanager's `groupKey`. `payload` is the part of
    the sender's document that the alert comes from; `is_raw` says that this could not be handled and is all there is.
    Raises `grade.unknown`.
    """

    source: str
    fingerprint: str
    title: str
    status: AlertStatus = "firing"
    grade: int | None = None
    category: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    occurred_at: datetime | None = None
    ended_at: datetime | None = None
    indicators: tuple[Indicator, ...] = ()
    description: str = ""
    sector: str | None = None
    region: str | None = None
    campaign: str | None = None
    sender_group: str | None = None
    payload: object = field(default=None, compare=False, repr=False)
    is_raw: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "fingerprint", _fingerprint(self.fingerprint))
        object.__setattr__(self, "sender_group", _fingerprint(self.sender_group) if self.sender_group else None)
        object.__setattr__(self, "title", one_line(self.title) or self.fingerprint)
        object.__setattr__(self, "description", paragraphs(self.description))
        object.__setattr__(self, "labels", _labels(self.labels))
        object.__setattr__(self, "category", one_line(self.category or "", CATEGORY_LIMIT) or None)
        for name in AREAS:
            object.__setattr__(
                self, name, one_line(getattr(self, name) or self.labels.get(name, ""), AREA_LIMIT) or None
            )
        if self.grade is not None:
            require_grade(self.grade)

    @property
    def digest(self) -> str:
        """The SHA-256 (hex) of the content that makes a repeated alert news.

        The sender's free texts and times are not included, because they change with every report.
        """
        facts = [self.status, self.title, self.grade, self.category, dict(self.labels)]
        areas = [[name, said] for name in AREAS if (said := getattr(self, name)) != self.labels.get(name)]
        members = [*facts, [indicator.to_json() for indicator in self.indicators], *areas]
        return hashlib.sha256(json.dumps(members, sort_keys=True).encode("ascii")).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return the alert as JSON values, for the journal."""
        return {
            "source": self.source,
            "fingerprint": self.fingerprint,
            "title": self.title,
            "status": self.status,
            "grade": self.grade,
            "category": self.category,
            **{name: said for name in AREAS if (said := getattr(self, name)) is not None},
            **({} if self.sender_group is None else {"sender_group": self.sender_group}),
            "labels": dict(self.labels),
            "occurred_at": None if self.occurred_at is None else format_moment(self.occurred_at),
            **({} if self.ended_at is None else {"ended_at": format_moment(self.ended_at)}),
            "indicators": [indicator.to_json() for indicator in self.indicators],
            "description": self.description,
        }


def alert_from_json(document: Mapping[str, Any], payload: object = None) -> Alert:
    """Return an alert from what `Alert.to_json` returned.

    Args:
        document: the alert as JSON values.
        payload: the part of the sender's document that it came from.
    """
    facts = {name: value for name, value in document.items() if name not in _MOMENTS}
    moments = {name: parse_moment(document[name]) for name in _MOMENTS if document.get(name) is not None}
    indicators = tuple(Indicator(one["kind"], one["value"]) for one in document["indicators"])
    return Alert(**{**facts, **moments, "indicators": indicators, "payload": payload})


def raw_alert(
    source: str,
    payload: object,
    *,
    fingerprint: str | None = None,
    status: AlertStatus = "firing",
    title: str | None = None,
) -> Alert:
    """Return the alert for a payload that cannot be handled; the payload, as received, is the description.

    Args:
        source: the kind of sender.
        payload: what was received, JSON values or a text.
        fingerprint: the sender's own, if it can be read; otherwise it is computed from the payload.
        status: as the sender states, if that can be read.
        title: the alert's own, if it can be read.
    """
    text = payload if isinstance(payload, str) else _laid_out(payload)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    words = UNHANDLED if title is None else UNHANDLED_TITLE
    return Alert(
        source=source,
        fingerprint=fingerprint or digest,
        title=words.format(source=source, title=one_line(title or "", 100)),
        status=status,
        labels={"payload_sha256": digest},
        description=text,
        payload=payload,
        is_raw=True,
    )


def fingerprint_of(*facts: object) -> str:
    """Return a fingerprint (32 hex digits) that is the same for the same facts, for senders that provide none."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:32]


def _laid_out(payload: object) -> str:
    try:
        return json.dumps(payload, ensure_ascii=False, indent=2)
    except RecursionError:  # indented JSON is written in Python, whose nesting limit is lower than the parser's
        return json.dumps(payload, ensure_ascii=False)


def with_sane_moment(alert: Alert, earliest: datetime, latest: datetime) -> Alert:
    """Return the alert without a time (UTC) outside the bounds: a wrong clock must not hide an alert."""
    if alert.occurred_at is None or earliest <= alert.occurred_at <= latest:
        return alert
    return replace(alert, occurred_at=None, labels={"occurred_at": format_moment(alert.occurred_at), **alert.labels})


def _fingerprint(text: str) -> str:
    """Return the text, or its hash where it is too long or not fit to store: equal texts stay equal."""
    if text and len(text) <= FINGERPRINT_LIMIT and one_line(text, FINGERPRINT_LIMIT) == text:
        return text
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _labels(labels: Mapping[str, str]) -> dict[str, str]:
    kept = list(labels.items())[:MAX_LABELS]
    return {one_line(name, LABEL_NAME_LIMIT): one_line(value, LABEL_LIMIT) for name, value in kept}
