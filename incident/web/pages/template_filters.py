"""Filters of templates: grades, states, actors, moments, addresses of icons, safe Markdown."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import flask
from flask import current_app, request
from markdown_it import MarkdownIt
from markupsafe import Markup

from incident.core.cacao.words import said
from incident.core.incidents.grade import ROMAN
from incident.core.incidents.grade import WORDS as GRADE_WORDS
from incident.core.incidents.incident import TLP_LEVELS
from incident.core.incidents.indicator import Indicator, defang
from incident.core.values.duration import parse_duration
from incident.data import categories, category_by_code
from incident.store.incidents.incidents import Indicator as Row
from incident.web import i18n
from incident.web.i18n import gettext
from incident.web.instance import current_instance, now
from incident.web.pages import areas
from incident.web.pages.names import actor_words
from incident.web.pages.states import (
    CHANNEL_ICONS,
    CHANNELS,
    GROUP_WORDS,
    POSITIONS,
    REPORT_CHANNELS,
    ROLES,
    RULE_WORDS,
    SOURCES,
    look,
)

KEPT_FOR = dt.timedelta(days=365)
"""How long browsers cache static files: their address changes with their content."""

STATIC = Path(__file__).parent.parent / "static"


def register(app: flask.Flask) -> None:
    """Register the filters on an app."""
    app.jinja_env.globals.update(
        actor_words=actor_words,
        ago_words=lambda moment: i18n.ago(moment, now()),
        asset=asset,
        category_choices=category_choices,
        category_words=category_words,
        channel_icon=lambda channel: CHANNEL_ICONS.get(channel, "send"),
        channel_words=_words_in(CHANNELS),
        day_words=i18n.day,
        weekday_words=i18n.weekday,
        countdown_words=countdown_words,
        defanged=lambda kind, value: defang(Indicator(kind, value)),
        drill_second=lambda speed: i18n.span(dt.timedelta(seconds=speed)),
        fault_words=lambda fault: said(fault, gettext),
        figure_words=i18n.figure,
        duration_words=lambda text: i18n.span(parse_duration(text)),
        group_field_words=_words_in(GROUP_WORDS),
        full=lambda moment: i18n.full(moment, zone()),
        grade_choices=grade_choices,
        grade_words=grade_words,
        indicator_lines=indicator_lines,
        iso=iso,
        lesson_words=i18n.lesson,
        length_words=i18n.length,
        local_input=local_input,
        looks=look,
        region_choices=areas.region_choices,
        region_words=areas.region_words,
        position_words=_words_in(POSITIONS),
        report_channel_words=_words_in(REPORT_CHANNELS),
        role_words=_words_in(ROLES),
        roman=lambda grade: ROMAN.get(grade, "?"),
        rule_words=_words_in(RULE_WORDS),
        sector_choices=areas.sector_choices,
        sector_words=areas.sector_words,
        short=lambda moment: i18n.short(moment, zone(), now()),
        span_words=i18n.span,
        spoken_title=i18n.spoken_title,
        source_choices=lambda: [(code, gettext(text)) for code, text in SOURCES.items()],
        source_words=_words_in(SOURCES),
        tlp_choices=lambda: [(level, f"TLP:{level.upper()}") for level in TLP_LEVELS],
    )
    app.jinja_env.filters["markdown"] = markdown
    app.jinja_env.filters["spoken"] = i18n.spoken
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = KEPT_FOR


def _words_in(table: Mapping[str, str]) -> Callable[[str], str]:
    return lambda code: gettext(table.get(code, code))


def zone() -> ZoneInfo:
    """Return the zone in which this instance shows times."""
    return current_instance().settings.zone


def iso(moment: dt.datetime) -> str:
    """Format a moment for programs, to the second."""
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def local_input(moment: dt.datetime | None) -> str:
    """Format a moment for a date-and-time field of a browser, in the zone of the instance."""
    return "" if moment is None else moment.astimezone(zone()).strftime("%Y-%m-%dT%H:%M")


def indicator_lines(seen: Iterable[Row]) -> str:
    """Format indicators for the form, one per line; an account with its kind, as it cannot be detected."""
    return "\n".join(f"account {one.value}" if one.kind == "account" else one.value for one in seen)


def grade_words(grade: int) -> str:
    """Return the name of a grade."""
    return gettext(GRADE_WORDS[grade])


def grade_choices() -> list[tuple[int, str]]:
    """Return the choices of grades."""
    return [(grade, gettext(text)) for grade, text in GRADE_WORDS.items()]


def category_words(code: str) -> str:
    """Return the name of a category, the code itself when the standard does not define it."""
    found = category_by_code().get(code)
    return found.name(i18n.current()) if found else code


def category_choices(chosen: str | None = None) -> list[tuple[str, str]]:
    """Return the choices of categories; one that the standard does not define comes first."""
    language = i18n.current()
    known = [(one.code, f"{'  ' if one.parent else ''}{one.name(language)}") for one in categories()]
    return known if not chosen or chosen in category_by_code() else [(chosen, chosen), *known]


def countdown_words(due_at: dt.datetime, pattern: str, late: str) -> str:
    """Format the initial text of a countdown, until the browser updates it."""
    return (pattern if due_at >= now() else late).replace("%", i18n.countdown(due_at, now()))


@cache
def _mark(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def asset(name: str) -> str:
    """Return the address of a static file; it changes with the content, so that browsers may cache it permanently."""
    return f"{request.script_root}{current_app.static_url_path}/{name}?v={_mark(name)}"


def _plain_links() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table").disable("image")

    def open_link(self, tokens, index, options, environment):  # type: ignore[no-untyped-def]  # the library's own shape
        tokens[index].attrSet("rel", "noopener noreferrer")
        tokens[index].attrSet("target", "_blank")
        return self.renderToken(tokens, index, options, environment)

    reader.add_render_rule("link_open", open_link)
    return reader


_reader = _plain_links()


def markdown(text: str) -> Markup:
    """Render Markdown: no HTML of its own, no images, links without a referrer."""
    return Markup(_reader.render(text))  # noqa: S704  # the renderer escapes all but its own tags
