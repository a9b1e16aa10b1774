"""The texts of messages in each language, composed from facts."""

import gettext
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.support import Translations
from babel.units import format_unit
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from incident.core.incidents.grade import WORDS as GRADE_WORDS
from incident.core.notifications.acknowledge_link import WITH_BUTTON
from incident.core.notifications.bundle import MessageBundle
from incident.core.notifications.message import LANGUAGES, Link, MessageFacts
from incident.core.playbooks.task import task_title
from incident.core.values.bilingual import in_language
from incident.core.values.marking import N_
from incident.core.values.text import one_line
from incident.formats.bundles import values

TEMPLATES = Path(__file__).parent / "templates"
TRANSLATIONS = Path(__file__).parent.parent / "translations"

SUBJECT_TITLE_LIMIT = 80
REASON_SHOWN = 300
"""Maximum length of a reason in a message; the page shows all of it."""

_TIME_PATTERNS = {"en": "d MMM y, HH:mm (ZZZZ)", "zh_Hans_CN": "y年M月d日 HH:mm（zzzz）"}
_HTML_LANGUAGES = {"en": "en", "zh_Hans_CN": "zh-CN"}
_COLOURS = {1: "#b42318", 2: "#c4530c", 3: "#a77700", 4: "#1e6fa3"}
_PLAIN_COLOUR = "#6b7280"

NEW_NOTICE = N_("New notice")
SIGNAL_WORDS = {
    "contact.test": N_("Test notification"),
    "notice.bundle": N_("New notices"),
    "task.created": N_("New task"),
}
"""What a device shows, by the type of the message; it shows nothing of an incident."""

Catalogues = Mapping[str, gettext.NullTranslations]


@dataclass(frozen=True, slots=True)
class Written:
    """The texts of one message; the first line of `text` states subject, gravity, action and deadline.

    `asked` states only the action, and `links` its addresses: with the subject they are all that fits into a chat.
    """

    subject: str
    text: str
    html: str
    asked: str = ""
    links: tuple[Link, ...] = ()


class MissingCatalogueError(Exception):
    """A language has no compiled catalogue; `make setup` compiles them."""


def load_catalogues(folder: Path = TRANSLATIONS) -> Catalogues:
    """The words of every language; raises MissingCatalogueError if one is not compiled."""
    catalogues: dict[str, gettext.NullTranslations] = {"en": gettext.NullTranslations()}
    for language in LANGUAGES:
        if language in catalogues:
            continue
        found = Translations.load(folder, [language])
        if not isinstance(found, Translations):
            raise MissingCatalogueError(f"no compiled catalogue of {language} in {folder}: run make setup")
        catalogues[language] = found
    return catalogues


class Writer:
    """Composes messages; created once, as it reads templates and catalogues. Thread-safe.

    Args:
        catalogues: the translations of each language, from `load_catalogues`.
    """

    def __init__(self, catalogues: Catalogues) -> None:
        self._catalogues = catalogues
        self._plain = {language: _environment(words, False) for language, words in catalogues.items()}
        self._marked_up = {language: _environment(words, True) for language, words in catalogues.items()}

    def write(self, facts: MessageFacts, language: str = "en") -> Written:
        """Return the texts; those of an incident of TLP:RED only ask the reader to sign in.

        Raises KeyError for a language without a catalogue.
        """
        values, template = self._values(facts, language), _template_of(facts)
        plain = self._plain[language].get_template(template)
        marked_up = self._marked_up[language].get_template(template)
        with_subject = plain.new_context({**values, "layout": "layout.txt"})
        return Written(
            subject=one_line("".join(plain.blocks["subject"](with_subject))),
            text=plain.render(values, layout="layout.txt"),
            html=marked_up.render(values, layout="layout.html"),
            asked=plain.render(values, layout="layout.asked").strip(),
            links=_links(values, plain.render(values, layout="layout.button").strip(), self._catalogues[language]),
        )

    def write_bundle(self, bundle: MessageBundle, language: str = "en") -> Written:
        """Return the texts of one message that represents many; raises KeyError for a language without a catalogue."""
        words = self._catalogues[language]
        filled = values(bundle, language, words.gettext, _COLOURS, _PLAIN_COLOUR)
        filled["html_language"] = _HTML_LANGUAGES.get(language, language)
        plain, marked_up = self._plain[language].get_template, self._marked_up[language].get_template
        return Written(
            subject=one_line(plain("bundle.subject").render(filled)),
            text=plain("bundle.txt").render(filled),
            html=marked_up("bundle.html").render(filled),
            asked=plain("bundle.asked").render(filled).strip(),
            links=(Link(words.gettext("Open the inbox"), bundle.inbox_url),),
        )

    def write_signal(self, kind: str, url: str, language: str = "en") -> Written:
        """Return the words for a device: that there is something, and where.

        Raises KeyError for a language without a catalogue.
        """
        words = self._catalogues[language].gettext
        title = words(SIGNAL_WORDS.get(kind, NEW_NOTICE))
        return Written(title, f"{title}\n{url}\n", "", links=(Link(words("Open"), url),))

    def words(self, text: str, language: str) -> str:
        """Return a text of the catalogue in a language."""
        return self._catalogues[language].gettext(text)

    def _values(self, facts: MessageFacts, language: str) -> dict[str, Any]:
        _ = self._catalogues[language].gettext
        shown = _on_one_line(facts, language, _).without_content(_("TLP:RED, sign in to read"))

        def clock(moment: datetime | None) -> str | None:
            return None if moment is None else _time(moment, shown.timezone, language)

        is_task = shown.type == "task.created"
        title = shown.task.title if is_task and shown.task else shown.title
        return {
            "facts": shown,
            "short_title": one_line(title, SUBJECT_TITLE_LIMIT),
            "grade": None if shown.grade is None else _(GRADE_WORDS[shown.grade]),
            "colour": _COLOURS.get(shown.grade or 0, _PLAIN_COLOUR),
            "next_at": clock(shown.next_at),
            "due_at": clock(shown.task.due_at) if shown.task else None,
            "deadline": shown.deadline,
            "deadline_at": clock(shown.deadline.due_at) if shown.deadline else None,
            "left": span_words(abs(shown.deadline.left), language, _) if shown.deadline else None,
            "link": _link(shown),
            "acknowledge_url": shown.acknowledge_url if shown.type in WITH_BUTTON else None,
            "reason": None if shown.reason is None else one_line(shown.reason, REASON_SHOWN),
            "rows": [] if shown.type == "contact.test" else _rows(shown, _, clock),
            "html_language": _HTML_LANGUAGES.get(language, language),
        }


def _environment(words: gettext.NullTranslations, is_html: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        autoescape=is_html,  # noqa: S701 -- the other half is plain text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]
    return environment


def _on_one_line(facts: MessageFacts, language: str, _: Callable[[str], str]) -> MessageFacts:
    # A line break in a title would push what to do out of the first line.
    task = facts.task
    if task is not None:
        task = replace(task, title=one_line(task_title(in_language(task.title, language), task.why, _)))
    title = in_language(facts.title, language) if facts.is_exercise else facts.title
    department = one_line(in_language(facts.department, language))
    return replace(facts, title=one_line(title), department=department, task=task)


def _template_of(facts: MessageFacts) -> str:
    if facts.purpose == "urgent":
        return "urgent.jinja"
    if facts.purpose == "paperwork":
        return "paperwork.jinja"
    if facts.purpose in ("receipt", "review") and facts.type != "notice.declined":
        return f"{facts.purpose}.jinja"
    if facts.purpose != "deadline":
        return f"{facts.type}.jinja"
    return "deadline.declined.jinja" if facts.type == "notice.declined" else "deadline.jinja"


def span_words(length: timedelta, language: str, _: Callable[[str], str]) -> str:
    """Return a length of time in words, in its two largest units, such as 1 hour 25 minutes."""
    minutes = length // timedelta(minutes=1)
    counted = (("day", minutes // 1440), ("hour", minutes // 60 % 24), ("minute", minutes % 60))
    parts = [one for one in counted if one[1]][:2]
    if not parts:
        return _("less than a minute")
    is_chinese = language.startswith("zh")  # Babel has no long form for Chinese
    form: Literal["short", "long"] = "short" if is_chinese else "long"
    words = (format_unit(count, f"duration-{unit}", form, locale=language) for unit, count in parts)
    return ("" if is_chinese else " ").join(words)


def _link(facts: MessageFacts) -> str | None:
    match facts.type:
        case "notice.created" | "notice.escalated":
            return facts.acknowledge_url
        case "task.created" | "notice.declined" | "notice.reminder":
            return facts.incident_url
        case "contact.test":
            return facts.confirm_url
        case _:
            return None


def _links(values: dict[str, Any], button: str, words: gettext.NullTranslations) -> tuple[Link, ...]:
    """Return the address of the button, and after a task's the acknowledge link, which needs no signing in."""
    link, acknowledge_url = values["link"], values["acknowledge_url"]
    links = [Link(button, link)] if link else []
    if acknowledge_url and acknowledge_url != link:
        links.append(Link(words.gettext("Acknowledge"), acknowledge_url))
    return tuple(links)


def _rows(
    facts: MessageFacts, _: Callable[[str], str], clock: Callable[[datetime | None], str | None]
) -> list[tuple[str, str]]:
    is_task = facts.type == "task.created" and not facts.is_withheld
    rows = [
        (_("Incident"), facts.title if is_task else None),
        (_("Category"), facts.category),
        (_("TLP"), facts.tlp.upper() if facts.tlp else None),
        (_("Department"), facts.department),
        (_("Level"), _("%(level)s, round %(round)s") % {"level": facts.level, "round": facts.round}),
        (_("Sent"), clock(facts.at)),
    ]
    return [(label, value) for label, value in rows if value]


def _time(moment: datetime, timezone: str, language: str) -> str:
    pattern = _TIME_PATTERNS.get(language, "medium")
    return format_datetime(moment, pattern, tzinfo=ZoneInfo(timezone), locale=language)
