"""Sentences of the timeline about merges, indicators and reviews after closing."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from incident.data.attack import technique_name
from incident.store.journal.journal import Entry
from incident.web import i18n
from incident.web.i18n import gettext as _
from incident.web.pages.names import Detail, Names, Saying
from incident.web.pages.template_filters import zone

MERGE_ICONS: Final = {
    "evidence.moved": ("git-branch", "quiet"),
    "incident.merged": ("git-branch", "warn"),
    "incident.merged_away": ("git-branch", "warn"),
    "incident.merge_undone": ("arrow-back-up", "warn"),
    "incident.indicators_changed": ("search", "quiet"),
    "incident.techniques_changed": ("search", "quiet"),
    "incident.reviewed": ("clipboard-list", "live"),
    "incident.review_action_added": ("clipboard-list", "live"),
    "incident.review_action_done": ("circle-check", "good"),
    "incident.review_action_removed": ("x", "quiet"),
    "incident.review_reminded": ("bell", "live"),
}


def _merged(detail: Detail, _entry: Entry, _names: Names) -> str:
    return _(
        "%(number)s merged into this incident: %(alerts)s alerts, %(reports)s reports, %(indicators)s new indicators, "
        "%(files)s files",
        number=detail.get("duplicate"),
        alerts=detail.get("alerts", 0),
        reports=len(detail.get("reports", ())),
        indicators=detail.get("indicators", 0),
        files=len(detail.get("evidence", ())),
    )


def _undone(detail: Detail, _entry: Entry, _names: Names) -> str:
    if detail.get("duplicate"):
        return _("Merge of %(number)s into this incident undone", number=detail["duplicate"])
    return _("Merge of this incident into another one undone")


def _moved(detail: Detail, _entry: Entry, _names: Names) -> str:
    name = detail.get("name", "")
    if detail.get("from"):
        return _("File moved here from %(number)s: %(name)s", number=detail["from"], name=name)
    return _("File moved back here: %(name)s", name=name)


def _indicators(detail: Detail, _entry: Entry, _names: Names) -> str:
    if detail.get("removed"):
        return _("Indicators removed: %(count)s", count=len(detail["removed"]))
    return _("Indicators added: %(count)s", count=len(detail.get("added", ())))


def _techniques(detail: Detail, _entry: Entry, _names: Names) -> str:
    names = i18n.comma().join(
        technique_name(str(one)) for one in [*detail.get("added", ()), *detail.get("removed", ())]
    )
    if detail.get("removed"):
        return _("Technique removed: %(name)s", name=names)
    return _("Technique seen: %(name)s", name=names)


def _action(detail: Detail, entry: Entry, _names: Names) -> str:
    title, name = detail.get("title", ""), i18n.spoken(detail.get("owner"))
    match entry.event_type:
        case "incident.review_action_added":
            due = detail.get("due_at")
            time = i18n.full(dt.datetime.fromisoformat(str(due)), zone()) if due else ""
            return _("Action “%(title)s” for %(name)s, due %(time)s", title=title, name=name, time=time)
        case "incident.review_action_done":
            return _("Action “%(title)s” done", title=title)
        case "incident.review_action_removed":
            return _("Action “%(title)s” removed", title=title)
    return _("%(name)s reminded of the action “%(title)s”", title=title, name=name)


MERGE_SENTENCES: Final[Mapping[str, Saying]] = {
    "evidence.moved": _moved,
    "incident.merged": _merged,
    "incident.merge_undone": _undone,
    "incident.indicators_changed": _indicators,
    "incident.techniques_changed": _techniques,
    "incident.review_action_added": _action,
    "incident.review_action_done": _action,
    "incident.review_action_removed": _action,
    "incident.review_reminded": _action,
}
