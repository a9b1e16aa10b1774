"""The language of a page, and the formats of moments and durations in it."""

import datetime as dt
from contextvars import ContextVar
from functools import cache, lru_cache
from gettext import NullTranslations
from typing import Any, Literal
from zoneinfo import ZoneInfo

import flask
from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta, get_day_names
from babel.numbers import format_decimal
from babel.units import format_unit
from flask import g, has_request_context, request
from flask_babel import Babel, get_locale
from markupsafe import Markup

from incident.core.drills.lesson import LESSON_WORDS, Argument, Lesson
from incident.core.drills.score import Value
from incident.core.notifications.message import LANGUAGES
from incident.core.values.bilingual import in_language
from incident.core.values.error_messages import fill
from incident.formats.messages import TRANSLATIONS, Catalogues, load_catalogues

COOKIE = "language"
NAMES = {"en": "English", "zh_Hans_CN": "中文"}
TAGS = {"en": "en", "zh_Hans_CN": "zh-CN"}
"""The language's tag in HTML."""

_BY_CODE = {name.partition("_")[0]: name for name in LANGUAGES}

PARAMETER = "lang"
CODES = {"en": "en", "zh_Hans_CN": "zh"}
"""The language in an address, as in `?lang=zh`."""

FULL = {"en": "d MMMM y, HH:mm:ss", "zh_Hans_CN": "y年M月d日 HH:mm:ss"}
SHORT = {"en": "d MMM, HH:mm", "zh_Hans_CN": "M月d日 HH:mm"}
DAYS = {"en": "EEE d MMM", "zh_Hans_CN": "M月d日 EEE"}
UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
YEAR = {"en": "d MMM y, HH:mm", "zh_Hans_CN": "y年M月d日 HH:mm"}


_current: ContextVar[str | None] = ContextVar("language", default=None)
"""The language of the response.

A variable of its own is read ten times faster than a name of the request.
"""


def gettext(text: str, **values: Any) -> str:
    """Return a sentence in the language of the page with its fields filled in; empty for empty."""
    if not text:
        return ""
    found = _catalogue().gettext(text)
    return found % values if values else found


def words(text: str, **values: Any) -> Markup:
    """Return a sentence of a template; what is filled in is escaped. `%%` in it stands for `%`."""
    if not values:
        return _words(text, current())
    return Markup(_catalogue().gettext(text)) % values  # noqa: S704  # written by us, as is the template


@lru_cache(maxsize=4_096)
def _words(text: str, language: str) -> Markup:
    """Return a sentence without fields; kept, because a page has hundreds."""
    return Markup(_catalogues()[language].gettext(text)) % {}  # noqa: S704  # written by us, as is the template


def _catalogue() -> NullTranslations:
    """Return the translations of the page, without the library's look-up, which takes longer than the translation."""
    return _catalogues()[current()]


@cache
def _catalogues() -> Catalogues:
    return load_catalogues()


def language() -> str:
    """Return the language of this request: of the address, the one chosen before, the person's, or the browser's."""
    chosen = asked_language() or request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    own = g.get("own_language")
    if own in LANGUAGES:
        return str(own)
    return from_header(request.accept_languages.values())


def asked_language() -> str | None:
    """Return the language that the address asks for, None for none or an unknown one."""
    asked = request.args.get(PARAMETER, "").lower()
    return next((name for name, code in CODES.items() if asked and asked[:2] == code), None)


def from_header(tags: Any) -> str:
    """Return the first supported language among tags such as `zh-TW` or `en-GB`, English when there is none."""
    for tag in tags:
        if tag.lower().startswith("zh"):
            return "zh_Hans_CN"
        if tag.lower().startswith("en"):
            return "en"
    return "en"


def register(app: flask.Flask, zone: str) -> None:
    """Set up the translations of the app.

    Args:
        app: the app.
        zone: the IANA name of the zone in which times are shown.
    """
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(TRANSLATIONS))
    app.before_request(_forget_language)
    app.teardown_request(_forget_language)
    if "babel" not in app.extensions:
        Babel(app, locale_selector=language, default_timezone=zone)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of its extension
        lambda text: _catalogue().gettext(text),
        lambda one, many, number: _catalogue().ngettext(one, many, number),
        newstyle=True,
        pgettext=lambda context, text: _catalogue().pgettext(context, text),
        npgettext=lambda context, one, many, number: _catalogue().npgettext(context, one, many, number),
    )
    app.jinja_env.globals["_"] = words
    app.jinja_env.globals["languages"] = NAMES
    app.jinja_env.globals["language"] = current
    app.jinja_env.globals["language_code"] = CODES.__getitem__
    app.jinja_env.globals["colon"] = colon
    app.jinja_env.globals["language_tag"] = lambda name=None: TAGS[name or current()]


def colon() -> str:
    """Return the mark between a name and what it names: Chinese has one of full width, without a space."""
    return ": " if current() == "en" else "："


def current() -> str:
    """Return the language of this response, English outside of one; asked for at each word, it is kept."""
    kept = _current.get()
    if kept is None and has_request_context():
        locale = get_locale()
        kept = "en" if locale is None else _BY_CODE.get(locale.language, "en")
        _current.set(kept)
    return kept or "en"


def _forget_language(_fault: BaseException | None = None) -> None:
    _current.set(None)


def spoken(text: str | None) -> str:
    """Return the part of a playbook, department or contact text that is in the language of the page."""
    return in_language(text, current()) if text else ""


def comma() -> str:
    """Return what stands between the members of a list in the language of the page."""
    return "、" if current().startswith("zh") else ", "


def spoken_title(title: str, is_exercise: bool) -> str:
    """Return an incident's title; that of an exercise contains a playbook's name, any other is unchanged."""
    return spoken(title) if is_exercise else title


def in_every_language(text: str) -> dict[str, str]:
    """Return a sentence in each language, that of the page first."""
    languages = (current(), *LANGUAGES)
    return {language: _catalogues()[language].gettext(text) for language in languages}


def full(moment: dt.datetime, zone: ZoneInfo) -> str:
    """Format a moment with seconds and year."""
    return _written(moment, zone, FULL)


def short(moment: dt.datetime, zone: ZoneInfo, now: dt.datetime) -> str:
    """Format a moment to the minute; the year only when it is not the present one."""
    is_this_year = moment.astimezone(zone).year == now.astimezone(zone).year
    return _written(moment, zone, SHORT if is_this_year else YEAR)


def day(date: dt.date) -> str:
    """Format a day with its weekday, such as `Mon 23 Nov`."""
    return _day(date, current())


@lru_cache(maxsize=8_192)
def _day(date: dt.date, language: str) -> str:
    return format_date(date, DAYS[language], locale=language)


def month(first: dt.date) -> str:
    """Format a month by one of its days, such as `Nov 2026`."""
    return _month(first, current())


@lru_cache(maxsize=1_024)
def _month(first: dt.date, language: str) -> str:
    return str(format_skeleton("yMMM", dt.datetime(first.year, first.month, 1), locale=language))  # noqa: DTZ001


def weekday(number: int) -> str:
    """Format a day of the week, Monday being 0, such as `Mon`."""
    return str(get_day_names("abbreviated", locale=current())[number])


def _written(moment: dt.datetime, zone: ZoneInfo, patterns: dict[str, str]) -> str:
    language = current()
    return _formatted(moment, patterns[language], zone, language)


@lru_cache(maxsize=8_192)
def _formatted(moment: dt.datetime, pattern: str, zone: ZoneInfo, language: str) -> str:
    """Format a moment; kept, because lists and journals show the same ones again and again."""
    return format_datetime(moment, pattern, tzinfo=zone, locale=language)


def ago(moment: dt.datetime, now: dt.datetime) -> str:
    """Format a moment relative to now, such as `5 min ago`; clocks differ, so a little later counts as now."""
    span = moment - now
    if abs(span) < dt.timedelta(seconds=2):
        span = dt.timedelta(seconds=-1)
    seconds = round(span.total_seconds())
    rough = next((unit for least, unit in _ROUGHLY if abs(seconds) >= least), 1)
    return _ago(seconds // rough * rough, current())


_ROUGHLY = ((864_000, 3_600), (36_000, 60))
"""From so many seconds on, spans are taken in such steps (s), which their words do not show."""


@lru_cache(maxsize=8_192)
def _ago(seconds: int, language: str) -> str:
    return format_timedelta(seconds, add_direction=True, format="short", locale=language, threshold=1.2)


def length(span: dt.timedelta) -> str:
    """Format a duration in words, such as `15 minutes`."""
    return format_timedelta(span, locale=current(), threshold=1.5)


def span(length_of_time: dt.timedelta) -> str:
    """Format a duration exactly, in its two largest units, such as `1 hr 40 min`."""
    return _span(max(0, round(length_of_time.total_seconds())), current())


@lru_cache(maxsize=8_192)
def _span(left: int, language: str) -> str:
    parts: list[str] = []
    for unit, size in UNITS:
        count, left = divmod(left, size)
        if count or (unit == "second" and not parts):
            parts.append(format_unit(count, f"duration-{unit}", "short", locale=language))
    return ("" if language.startswith("zh") else " ").join(parts[:2])


def counted(count: int, unit: str) -> str:
    """Format a number of minutes, hours, days or months, such as `72 hours`."""
    form: Literal["short", "long"] = "short" if current().startswith("zh") else "long"  # Chinese has no long form
    return format_unit(count, f"duration-{unit}", form, locale=current())


def grouped(value: float) -> str:
    """Format a number with the marks between thousands that the language has."""
    if isinstance(value, int) and 0 <= value < 1_000:
        return str(value)  # has none, and pages of figures have hundreds of them
    return format_decimal(value, locale=current())


def figure(name: str, value: Value | None) -> str:
    """Format a figure of a score by its name (`core/drills/score.py`)."""
    if value is None:
        return "–"
    if isinstance(value, dt.timedelta):
        return span(value)
    return f"{value} %" if name == "share" else str(value)


def lesson(found: Lesson) -> str:
    """Format a lesson of a drill."""
    shown = {name: _argument(one) for name, one in found.arguments.items()}
    return fill(gettext(LESSON_WORDS[found.code]), shown)


def _argument(value: Argument) -> str:
    if isinstance(value, dt.timedelta):
        return span(value)
    if isinstance(value, tuple):
        return "; ".join(map(spoken, value))
    return spoken(str(value))


def countdown(due_at: dt.datetime, now: dt.datetime) -> str:
    """Format the time until or since a moment like a clock, `4:32` or `1:02:10`, or in days."""
    seconds = abs(int((due_at - now).total_seconds()))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return counted(hours // 24, "day")
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
