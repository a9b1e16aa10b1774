"""What templates call: words for grades, states, actors and moments, icons, countdowns, safe Markdown."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from zoneinfo import ZoneInfo

import flask
from flask import current_app, g, request
from markupsafe import Markup, escape

from incident.core.cacao.words import said
from incident.core.deadlines.regimes import Stage
from incident.core.deadlines.rule_sets import GradingLine
from incident.core.incidents.grade import OFFICIAL, ROMAN
from incident.core.incidents.grade import WORDS as GRADE_WORDS
from incident.core.incidents.incident import TLP_LEVELS
from incident.core.incidents.indicator import Indicator, defang
from incident.core.values.duration import parse_duration
from incident.core.values.moment import parse_moment
from incident.data import categories, category_by_code
from incident.data.report_categories import report_categories
from incident.store.deadlines.figures import confirmed_hashes
from incident.store.incidents.incidents import Indicator as Row
from incident.web import i18n
from incident.web.http.static_marks import content_mark
from incident.web.i18n import gettext
from incident.web.instance import current_instance, now
from incident.web.markdown import markdown
from incident.web.pages import areas
from incident.web.pages.names import actor_words, authority_roles, no_contact_words, regime_words
from incident.web.pages.states import (
    CHANNEL_ICONS,
    CHANNELS,
    CRITICALITY,
    GROUP_WORDS,
    MAILBOX_KINDS,
    MATCHED_BY,
    POSITIONS,
    PROPERTIES,
    PROTECTION_WORDS,
    REPORT_CHANNELS,
    REPORT_KINDS,
    ROLES,
    RULE_WORDS,
    SOURCES,
    contact_field_words,
    look,
)

NOTHING = Markup()


def register(app: flask.Flask) -> None:
    """Register the filters on an app, and the marks, to which `parts/marks.html` gives their short names."""
    _register_marks(app)
    app.jinja_env.globals.update(
        actor_words=actor_words,
        asset=asset,
        category_choices=category_choices,
        category_words=category_words,
        channel_icon=lambda channel: CHANNEL_ICONS.get(channel, "send"),
        channel_words=_words_in(CHANNELS),
        comma=i18n.comma,
        day_words=i18n.day,
        weekday_words=i18n.weekday,
        no_contact_words=no_contact_words,
        needs_check=needs_check,
        regime_words=regime_words,
        criticality_choices=lambda: [(code, gettext(text)) for code, text in CRITICALITY.items()],
        authority_roles=authority_roles,
        criticality_words=_words_in(CRITICALITY),
        matched_by_words=_words_in(MATCHED_BY),
        defanged=lambda kind, value: defang(Indicator(kind, value)),
        drill_second=lambda speed: i18n.span(dt.timedelta(seconds=speed)),
        fault_words=lambda fault: said(fault, gettext),
        figure_words=i18n.figure,
        duration_words=lambda text: i18n.span(parse_duration(text)),
        group_field_words=_words_in(GROUP_WORDS),
        full=lambda moment: i18n.full(moment, zone()),
        grade_choices=grade_choices,
        grade_title=grade_title,
        grade_words=grade_words,
        in_language=lambda texts: texts["zh" if i18n.current().startswith("zh") else "en"],
        indicator_lines=indicator_lines,
        iso=iso,
        lesson_words=i18n.lesson,
        length_words=i18n.length,
        local_input=local_input,
        looks=look,
        moment_of=parse_moment,
        region_choices=areas.region_choices,
        region_words=areas.region_words,
        property_words=_words_in(PROPERTIES),
        position_words=_words_in(POSITIONS),
        contact_field_words=contact_field_words,
        protection_words=_words_in(PROTECTION_WORDS),
        mailbox_kind_words=_words_in(MAILBOX_KINDS),
        report_channel_words=_words_in(REPORT_CHANNELS),
        report_kind_words=_words_in(REPORT_KINDS),
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
    app.jinja_env.filters["property_words"] = _words_in(PROPERTIES)
    app.jinja_env.filters["spoken"] = i18n.spoken


def _register_marks(app: flask.Flask) -> None:
    app.jinja_env.globals["marks"] = {
        "icon": icon_mark,
        "tag": tag_mark,
        "grade": grade_mark,
        "category": category_mark,
        "ago": ago_mark,
        "at": at_mark,
        "both": both_mark,
        "until": until_mark,
    }


def needs_check(figure: GradingLine | Stage) -> bool:
    """Return whether a figure must be checked against the original text: neither read there nor confirmed."""
    if figure.is_verified:
        return False
    if "confirmed_figures" not in g:
        g.confirmed_figures = confirmed_hashes()
    return figure.figure_hash not in g.confirmed_figures


def _words_in(table: Mapping[str, str]) -> Callable[[str], str]:
    return lambda code: gettext(table.get(code, code))


def zone() -> ZoneInfo:
    """Return the zone in which this instance shows times."""
    return current_instance().settings.zone


def day_begins(day: dt.date) -> dt.datetime:
    """Return the begin (UTC) of a day on the calendar of this instance."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=zone()).astimezone(dt.UTC)


def iso(moment: dt.datetime) -> str:
    """Format a moment for programs, to the second."""
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def local_input(moment: dt.datetime | None) -> str:
    """Format a moment as it is typed into a form, in the zone of the instance."""
    return "" if moment is None else moment.astimezone(zone()).strftime("%Y-%m-%d %H:%M")


def indicator_lines(seen: Iterable[Row]) -> str:
    """Format indicators for the form, one per line; an account with its kind, as it cannot be detected."""
    return "\n".join(f"account {one.value}" if one.kind == "account" else one.value for one in seen)


def grade_words(grade: int) -> str:
    """Return the name of a grade."""
    return gettext(GRADE_WORDS[grade])


def grade_title(grade: int) -> str:
    """Return the name of a grade with the official term, which the Chinese name contains."""
    name, official = grade_words(grade), OFFICIAL[grade]
    return name if official in name else f"{name} ({official}, GB/T 20986)"


def grade_choices() -> list[tuple[int, str]]:
    """Return the choices of grades."""
    return [(grade, gettext(text)) for grade, text in GRADE_WORDS.items()]


def category_words(code: str) -> str:
    """Return the name of a category of incidents or of reports; the code itself when neither list defines it."""
    found = category_by_code().get(code) or report_categories().get(code)
    return found.name(i18n.current()) if found else code


def category_choices(chosen: str | None = None) -> list[tuple[str, str]]:
    """Return the choices of categories; one that the standard does not define comes first."""
    language = i18n.current()
    known = [(one.code, f"{'  ' if one.parent else ''}{one.name(language)}") for one in categories()]
    return known if not chosen or chosen in category_by_code() else [(chosen, chosen), *known]


def countdown_words(due_at: dt.datetime, pattern: str, late: str) -> str:
    """Format the initial text of a countdown, until the browser updates it."""
    return (pattern if due_at >= now() else late).replace("%", i18n.countdown(due_at, now()))


def asset(name: str) -> str:
    """Return the address of a static file; it changes with the content, so that browsers may cache it permanently."""
    return asset_under(request.script_root, name)


@lru_cache(maxsize=1_024)
def asset_under(root: str, name: str) -> str:
    """Return the address of a static file of an app that is reached under a path; empty at the root."""
    return f"{root}{current_app.static_url_path}/{name}?v={content_mark(name)}"


def icon_mark(name: str, label: str | None = None) -> Markup:
    """Return an icon of the sprite, hidden from screen readers unless it has a label."""
    return _icon(name, label, request.script_root)


@lru_cache(maxsize=2_048)
def _icon(name: str, label: str | None, root: str) -> Markup:
    said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    sprite = asset_under(root, "vendor/icons.svg")
    return Markup('<svg class="icon" {}><use href="{}#{}"/></svg>').format(said, sprite, name)


def tag_mark(state: str) -> Markup:
    """Return the label of a state such as `incident.new`."""
    return _tag(state, i18n.current(), request.script_root)


@lru_cache(maxsize=512)
def _tag(state: str, _language: str, _root: str) -> Markup:
    shown = look(state)
    return Markup('<span class="tag tag-{}">{}{}</span>').format(shown.kind, icon_mark(shown.icon), shown.words)


def grade_mark(value: int | None, is_big: bool = False) -> Markup:
    """Return a grade in Roman figures, with its name as title; a dash for none."""
    return _grade(value, is_big, i18n.current())


@lru_cache(maxsize=32)
def _grade(value: int | None, is_big: bool, _language: str) -> Markup:
    big = Markup(" grade-big") if is_big else NOTHING
    if not value:
        return Markup(
            '<span class="grade grade-0{0}" title="{1}"><span class="visually-hidden">{1}</span>'
            '<span aria-hidden="true">–</span></span>'
        ).format(big, gettext("no grade"))
    return Markup('<span class="grade grade-{}{}" title="{}"><span class="visually-hidden">{} </span>{}</span>').format(
        value, big, grade_title(value), gettext("Grade"), ROMAN.get(value, "?")
    )


def category_mark(code: str | None) -> Markup:
    """Return the name of a category."""
    return _category(code, i18n.current())


@lru_cache(maxsize=1_024)
def _category(code: str | None, _language: str) -> Markup:
    if not code:
        return Markup('<span class="quiet">{}</span>').format(gettext("no category"))
    return escape(category_words(code))


def ago_mark(moment: dt.datetime | None) -> Markup:
    """Return a moment as the time since then."""
    return NOTHING if not moment else _time(moment, i18n.ago(moment, now()), " data-ago")


def at_mark(moment: dt.datetime | None) -> Markup:
    """Return a moment as date and time."""
    return NOTHING if not moment else _time(moment, i18n.short(moment, zone(), now()))


def both_mark(moment: dt.datetime | None) -> Markup:
    """Return a moment as the time since then, with date and time behind it."""
    return (
        NOTHING
        if not moment
        else ago_mark(moment) + Markup(' <span class="quiet">(') + at_mark(moment) + Markup(")</span>")
    )


def _time(moment: dt.datetime, shown: str, more: str = "") -> Markup:
    title = i18n.full(moment, zone())
    return Markup(f'<time datetime="{iso(moment)}" title="{escape(title)}"{more}>{escape(shown)}</time>')  # noqa: S704


def until_mark(moment: dt.datetime | None, words: str | None = None, late: str | None = None) -> Markup:
    """Return a countdown, which the browser keeps up to date.

    Args:
        moment: when it ends; None shows nothing.
        words: the text around the time left, which stands for `%`.
        late: the same for the time since, once it has ended.
    """
    if not moment:
        return NOTHING
    before, after = words or "%", late or gettext("%% late").replace("%%", "%")
    shown = f' class="countdown" data-until="{escape(before)}" data-late="{escape(after)}"'
    return _time(moment, countdown_words(moment, before, after), shown)
