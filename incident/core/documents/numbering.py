"""Numbers of official documents: the series, and how a number is written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from incident.core.values.faults import RuleError, member, raise_all
from incident.core.values.text import require_text

SERIES: Final = ("report", "notice", "supervision", "letter", "brief", "rectification", "talk", "punishment", "receipt")
"""Every series that a kind of document may take its number from."""

ISSUER_WORD_LIMIT: Final = 20
FORM_LIMIT: Final = 60
USUAL_FORM: Final = "{word}〔{year}〕{number}号"
DRILL_MARK: Final = "（演练）"

_PLACES: Final = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class NumberSeries:
    """How the numbers of a series are written: the issuer word, such as `X网信`, and the form."""

    series: str
    word: str
    form: str = USUAL_FORM

    @property
    def counted_by(self) -> str:
        """The issuer word that its numbers are counted by; all words together where the form does not show it."""
        return self.word if "{word}" in self.form else ""


def document_number(series: NumberSeries, year: int, count: int, *, is_drill: bool) -> str:
    """Return a number, such as `X网信〔2026〕1号`; one of an exercise says so.

    Args:
        series: the series.
        year: the whole year.
        count: the number in the year, from 1, without leading zeros.
        is_drill: whether the document belongs to an exercise.
    """
    places = {"{word}": series.word, "{year}": str(year), "{number}": str(count)}
    written = _PLACES.sub(lambda found: places.get(found[0], found[0]), series.form)
    return f"{DRILL_MARK}{written}" if is_drill else written


def read_series(given: Sequence[Any], pointer: str = "/series") -> list[NumberSeries]:
    """Return the series that somebody entered, checked.

    Args:
        given: members `series`, `word` and `form` (None for the usual one).
        pointer: the place in the caller's document.

    Raises:
        RuleError: `official_document.series_unknown`, `official_document.series_twice`, `document.not_a_text`,
            `text.too_long`, `official_document.form_unfit`; all of them at once.
    """
    faults: list[RuleError] = []
    found: list[NumberSeries] = []
    for index, one in enumerate(given):
        place = member(pointer, index)
        try:
            read = _series(one, place)
        except RuleError as fault:
            faults += fault.all
            continue
        if any(read.series == other.series for other in found):
            faults.append(RuleError("official_document.series_twice", pointer=member(place, "series")))
        found.append(read)
    raise_all(faults)
    return found


def _series(given: Any, place: str) -> NumberSeries:
    if given["series"] not in SERIES:
        raise RuleError("official_document.series_unknown", pointer=member(place, "series"))
    word = require_text(str(given["word"]).strip(), ISSUER_WORD_LIMIT, member(place, "word"))
    form = require_text(str(given.get("form") or USUAL_FORM).strip(), FORM_LIMIT, member(place, "form"))
    if not word or len(word.splitlines()) > 1 or "{" in word:
        raise RuleError("document.not_a_text", pointer=member(place, "word"))
    names = _PLACES.findall(form)
    if sorted(names) not in (["number", "year"], ["number", "word", "year"]) or len(form.splitlines()) > 1:
        raise RuleError("official_document.form_unfit", pointer=member(place, "form"))
    return NumberSeries(given["series"], word, form)
