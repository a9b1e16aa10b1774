"""Parts of a mapping as frozen values; `check_mapping` makes them of a document."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timezone
from typing import Any, Final, Generic, TypeVar

from incident.core.incidents.alert import AlertStatus, fingerprint_of
from incident.core.incidents.mapping.pointer import PayloadScope, Pointer, Template, json_text
from incident.core.incidents.mapping.times import read_time
from incident.core.values.faults import RuleError

T = TypeVar("T")
WORD_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class WordTable(Generic[T]):
    """Meanings of a sender's words, whatever their case; `Backdoor:*` stands for all that begins so."""

    exact: Mapping[str, T]
    prefixes: tuple[tuple[str, T], ...] = ()

    def find(self, text: str) -> T | None:
        """Return the meaning of a word; of several prefixes the longest counts."""
        word = text[:WORD_LIMIT].strip().lower()
        if word in self.exact:
            return self.exact[word]
        return next((meaning for prefix, meaning in self.prefixes if word.startswith(prefix)), None)


@dataclass(frozen=True, slots=True)
class PayloadCondition:
    """A condition on a member: it is there, it has one of some words, or it is absent."""

    pointer: Pointer
    words: WordTable[bool] | None = None
    is_absent: bool = False

    def holds(self, scope: PayloadScope) -> bool:
        """Whether the condition holds."""
        values = [value for value in self.pointer.each(scope) if value is not None]
        if self.is_absent or self.words is None:
            return bool(values) != self.is_absent
        return any(self.words.find(text) for value in values if (text := json_text(value)) is not None)


@dataclass(frozen=True, slots=True)
class Unwrap:
    """A member that holds another sender's message: as JSON or, with `is_base64`, as JSON in Base64.

    `into` names the member under which the variants that follow find the message.
    """

    member: str
    into: str
    is_base64: bool = False


@dataclass(frozen=True, slots=True)
class StatusRule:
    """Which words at a place mean that the alert goes on, and which that it has ended."""

    pointer: Pointer
    words: WordTable[AlertStatus]

    def status(self, scope: PayloadScope) -> AlertStatus | None:
        """Return the status, None when the rule says nothing about the value."""
        text = self.pointer.text_in(scope)
        return None if text is None else self.words.find(text)


@dataclass(frozen=True, slots=True)
class GradeRule:
    """The grade of a severity: by words, else by the highest of `steps` (least number, grade) that it reaches."""

    pointer: Pointer
    words: WordTable[int]
    steps: tuple[tuple[float, int], ...] = ()

    def grade(self, scope: PayloadScope) -> int | None:
        """Return the grade, None when the rule says nothing about the value."""
        text = self.pointer.text_in(scope)
        if text is None:
            return None
        named = self.words.find(text)
        return named if named is not None else self._reached(text)

    def _reached(self, text: str) -> int | None:
        try:
            number = float(text[:WORD_LIMIT]) if self.steps else math.nan
        except ValueError:
            return None
        return next((grade for least, grade in self.steps if number >= least), None)


@dataclass(frozen=True, slots=True)
class CategoryRule:
    """The category for a value: by words, or the value as it is where there are none."""

    pointer: Pointer
    words: WordTable[str] | None = None

    def category(self, scope: PayloadScope) -> str | None:
        """Return the category, None when the rule says nothing about the value."""
        texts = (text for value in self.pointer.each(scope) if (text := json_text(value)) is not None)
        found = texts if self.words is None else map(self.words.find, texts)
        return next((category for category in found if category is not None), None)


@dataclass(frozen=True, slots=True)
class Identity:
    """A value that stays the same when the sender repeats an alert; `words` replace some values by others."""

    pointer: Pointer
    words: WordTable[str] | None = None

    def text(self, scope: PayloadScope) -> str | None:
        """Return the value as text, of an object the hash of its members; None where there is none.

        Raises RuleError `payload.too_deep`.
        """
        value = self.pointer.first(scope)
        text = _hashed(value) if isinstance(value, dict) and value else json_text(value)
        return text if text is None or self.words is None else self.words.find(text) or text


@dataclass(frozen=True, slots=True)
class FingerprintRule:
    """What identifies an alert: values that it needs, and values that count where they are present."""

    needed: tuple[Identity, ...]
    present: tuple[Identity, ...] = ()

    def fingerprint(self, scope: PayloadScope) -> str | None:
        """Return the fingerprint, None when a needed value is missing."""
        values = [identity.text(scope) for identity in self.needed]
        if None in values or not values:
            return None
        if len(values) == 1 and not self.present:
            return values[0]
        return fingerprint_of(*values, *(identity.text(scope) for identity in self.present))

    @property
    def members(self) -> str:
        """Return the places of the needed values, for a fault."""
        return " + ".join(identity.pointer.text for identity in self.needed)


def _hashed(value: dict[str, Any]) -> str:
    try:
        return fingerprint_of(value)
    except (RecursionError, ValueError) as error:
        raise RuleError("payload.too_deep") from error


@dataclass(frozen=True, slots=True)
class TimeRule:
    """A moment: a template for its text, the name of its format, and the zone of a time without one."""

    value: Template
    format: str = "any"
    zone: timezone = UTC

    def moment(self, scope: PayloadScope, received_at: datetime) -> datetime | None:
        """Return the moment (UTC), None where there is none that could be."""
        text = self.value.text_in(scope)
        return None if text is None else read_time(text, self.format, self.zone, received_at)


@dataclass(frozen=True, slots=True)
class IndicatorRule:
    """Values that are indicators: of a kind, `ip`, `hash`, or (None) of a detected kind."""

    pointer: Pointer
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One form of a sender's payload, and how its alerts are read.

    `when` holds on the whole payload; `alerts` leads to the list of alerts (None: the payload is the alert). Of the
    alternatives of a title, a line, a fingerprint or a moment the first that has a value counts.
    """

    name: str
    when: tuple[PayloadCondition, ...] = ()
    unwrap: Unwrap | None = None
    alerts: Pointer | None = None
    ignore: tuple[PayloadCondition, ...] = ()
    title: tuple[Template, ...] = ()
    description: tuple[tuple[Template, ...], ...] = ()
    status: tuple[StatusRule, ...] = ()
    fingerprint: tuple[FingerprintRule, ...] = ()
    occurred_at: tuple[TimeRule, ...] = ()
    ended_at: tuple[TimeRule, ...] = ()
    grade: tuple[GradeRule, ...] = ()
    category: tuple[CategoryRule, ...] = ()
    labels: tuple[tuple[str, tuple[Pointer, ...]], ...] = ()
    label_objects: tuple[Pointer, ...] = ()
    indicators: tuple[IndicatorRule, ...] = ()

    def fits(self, payload: Any) -> bool:
        """Whether the payload has this form."""
        return all(condition.holds(PayloadScope(payload, payload)) for condition in self.when)


@dataclass(frozen=True, slots=True)
class AlertMapping:
    """How the payloads of one sender become alerts: its variants, of which the first that fits counts."""

    variants: tuple[Variant, ...]
    version: int = field(default=1)

    def recognises(self, payload: Any) -> bool:
        """Whether a payload surely comes from this sender: it meets all conditions of a variant that has some."""
        return any(variant.when and variant.fits(payload) for variant in self.variants)
