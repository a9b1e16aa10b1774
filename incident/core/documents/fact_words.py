"""Facts in the words of documents: moments and grades, in Chinese and English."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

GRADE_WORDS: Final[Mapping[str, Sequence[str]]] = {
    "zh": ("特别重大", "重大", "较大", "一般"),
    "en": ("Critical", "Major", "Moderate", "Minor"),
}


def grade_fact(grade: int | None, language: str) -> str | None:
    """Return a grade (1 to 4) in words, None for an incident without one."""
    return None if grade is None else GRADE_WORDS[language][grade - 1]


def moment_fact(at: dt.datetime | None, zone: dt.tzinfo, language: str) -> str | None:
    """Return a moment to the minute, such as `2026年3月2日9时05分` or `2026-03-02 09:05+08:00`.

    Args:
        at: the moment (UTC); None for an unknown one.
        zone: in which it is written.
        language: `zh` or `en`.
    """
    if at is None:
        return None
    local = at.astimezone(zone)
    if language == "zh":
        return f"{day_fact(local.date(), 'zh')}{local.hour}时{local.minute:02}分"
    return local.isoformat(" ", "minutes")


def day_fact(day: dt.date, language: str) -> str:
    """Return a day, such as `2026年3月2日` or `2 March 2026`; documents write it in Arabic digits."""
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else f"{day.day} {day:%B %Y}"


def list_fact(names: Sequence[str], language: str) -> str | None:
    """Return names as a list, None for none."""
    return ("、" if language == "zh" else ", ").join(names) or None
