"""The content of a bundle: the number of incidents per grade, and a line for each incident."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from incident.core.incidents.grade import WORDS as GRADE_WORDS
from incident.core.notifications.bundle import MessageBundle
from incident.core.notifications.message import MessageFacts
from incident.core.playbooks.task import task_title
from incident.core.values.bilingual import in_language
from incident.core.values.error_messages import N_
from incident.core.values.text import one_line

OF_GRADE: Final = {
    1: N_("%(count)s of grade I"),
    2: N_("%(count)s of grade II"),
    3: N_("%(count)s of grade III"),
    4: N_("%(count)s of grade IV"),
    None: N_("%(count)s without grade"),
}
TITLE_LIMIT = 60
"""Maximum length of a title where space is short."""

Words = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a bundle: its incident, grade and title in words, the news, and the acknowledge link."""

    incident: str
    grade: str | None
    title: str
    short_title: str
    news: str
    acknowledge_url: str | None
    colour: str


def values(
    bundle: MessageBundle, language: str, _: Words, colours: Mapping[int, str], plain_colour: str
) -> dict[str, Any]:
    """Return what the templates of a bundle are filled with.

    Args:
        bundle: of what it tells.
        language: in which.
        _: translates into it.
        colours: of each grade.
        plain_colour: of what has no grade.
    """
    lines = [_line(item, language, _, colours.get(item.grade or 0, plain_colour)) for item in bundle.items]
    named = _one_each(lines)[: bundle.max_named]
    return {
        "bundle": bundle,
        "grades": _("; ").join(_(OF_GRADE[grade]) % {"count": count} for grade, count in bundle.by_grade.items()),
        "department": one_line(in_language(bundle.items[0].department, language)),
        "lines": lines[: bundle.max_named],
        "named": named,
        "unnamed": bundle.count - len(named),
    }


def _line(item: MessageFacts, language: str, _: Words, colour: str) -> Line:
    withheld = _("TLP:RED, sign in to read")
    title = in_language(item.title, language) if item.is_exercise else item.title
    title = withheld if item.is_withheld else one_line(title)
    if item.purpose == "urgent":
        title = _("report from the public")
    return Line(
        incident=_("Urgent reports") if item.purpose == "urgent" else item.incident or "",
        grade=None if item.grade is None else _(GRADE_WORDS[item.grade]),
        title=title,
        short_title=one_line(title, TITLE_LIMIT),
        news=_news(item, language, _),
        acknowledge_url=item.acknowledge_url,
        colour=colour,
    )


def _news(item: MessageFacts, language: str, _: Words) -> str:
    if item.task is not None and not item.is_withheld:
        task = task_title(in_language(item.task.title, language), item.task.why, _)
        return _("New task: %(task)s") % {"task": one_line(task)}
    if item.type == "task.created":
        return _("New task")
    if item.deadline is not None and item.type != "notice.declined":
        news = _("Overdue: %(report)s") if item.deadline.is_overdue else _("Deadline: %(report)s")
        return news % {"report": one_line(item.deadline.report)}
    if item.type == "notice.declined":
        return _("Declined by %(department)s") % {"department": one_line(in_language(item.department, language))}
    if item.type == "notice.reminder":
        return _("Reminder: nothing has been done yet")
    arguments = {"level": item.level}
    if item.type == "notice.escalated":
        return _("Not acknowledged: notifying level %(level)s") % arguments
    return _("New: notifying level %(level)s") % arguments


def _one_each(lines: list[Line]) -> list[Line]:
    """Return the lines without duplicates of the same incident."""
    return list({line.incident: line for line in reversed(lines)}.values())[::-1]
