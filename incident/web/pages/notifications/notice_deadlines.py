"""Notices of deadlines as pages show them: the report, when it is due, and the page of the clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incident.actions.regime_versions import regime_at
from incident.store.deadlines import clock_rows
from incident.store.deadlines.clock_rows import IncidentClock
from incident.store.notifications.notices import Notice
from incident.web.i18n import current


@dataclass(frozen=True)
class NoticeDeadline:
    """The clock that a notice is about, and the name of its report in the language of the page."""

    clock: IncidentClock
    report: str


def notice_deadlines(rows: Sequence[Notice]) -> Mapping[int, NoticeDeadline]:
    """Return the deadlines of those of some notices that are about one, by the id of the notice."""
    about = {one.id: one.subject_id for one in rows if one.subject_type == "clock"}
    clocks = {one.id: one for one in clock_rows.clocks_by_ids(set(about.values()))}
    return {
        notice_id: NoticeDeadline(clocks[clock_id], report_words(clocks[clock_id]))
        for notice_id, clock_id in about.items()
    }


def report_words(clock: IncidentClock) -> str:
    """Return the name of the report that a clock asks for, and of its law."""
    is_chinese = current().startswith("zh")
    language, form = ("zh", "{}（{}）") if is_chinese else ("en", "{} ({})")
    regime = regime_at(clock.regime_hash)
    return form.format(regime.stage(clock.stage).title[language], regime.title[language])
