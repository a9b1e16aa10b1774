"""Texts of warnings of deadlines, in both languages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incident.core.notifications.bundle import make_bundle
from incident.core.notifications.message import LANGUAGES, DeadlineFacts, MessageFacts
from incident.formats.messages import Writer, load_catalogues, span_words
from tests.formats.test_messages import facts_of

DUE = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
REPORTS = {"en": "First report (Reporting rules)", "zh_Hans_CN": "首报（报告管理办法）"}
RECIPIENTS = {"en": "the protection department", "zh_Hans_CN": "保护工作部门"}
CLOCKS = "https://incident.example/incidents/INC-2026-000042/clocks#clock-7"


@pytest.fixture(scope="module")
def writer() -> Writer:
    return Writer(load_catalogues())


def warning(minutes: int, language: str = "en", kind: Any = "notice.created", **changed: Any) -> MessageFacts:
    due = DeadlineFacts(REPORTS[language], RECIPIENTS[language], DUE, timedelta(minutes=minutes))
    given = {"purpose": "deadline", "deadline": due, "incident_url": CLOCKS} | changed
    return replace(facts_of("notice.created", language), **{"type": kind, **given})


@pytest.mark.parametrize(
    ("minutes", "language", "subject"),
    [
        (85, "en", "Due in 1 hour 25 minutes: First report (Reporting rules) (INC-2026-000042)"),
        (85, "zh_Hans_CN", "还剩1小时25分钟：首报（报告管理办法）（INC-2026-000042）"),
        (60 * 24 * 15 + 3 * 60 + 1, "en", "Due in 15 days 3 hours: First report (Reporting rules) (INC-2026-000042)"),
        (-30, "en", "Overdue by 30 minutes: First report (Reporting rules) (INC-2026-000042)"),
        (0, "en", "Overdue by less than a minute: First report (Reporting rules) (INC-2026-000042)"),
        (-90, "zh_Hans_CN", "已逾期1小时30分钟：首报（报告管理办法）（INC-2026-000042）"),
    ],
)
def test_the_subject_says_how_much_time_is_left_or_how_long_it_is_overdue(
    writer: Writer, minutes: int, language: str, subject: str
) -> None:
    assert writer.write(warning(minutes, language), language).subject == subject


def test_the_first_line_names_report_recipients_due_in_the_zone_and_what_to_do(writer: Writer) -> None:
    line = writer.write(warning(60)).text.splitlines()[0]
    assert line.startswith(
        "First report (Reporting rules) to the protection department is due at 21 Nov 2026, 04:30 (GMT+08:00), "
        "in 1 hour. Incident INC-2026-000042: Files encrypted on the payroll server. Acknowledge by"
    )
    late = writer.write(warning(-60, "zh_Hans_CN"), "zh_Hans_CN").text.splitlines()[0]
    assert "首报（报告管理办法）应于 2026年11月21日 04:30（中国标准时间） 前报送保护工作部门，已逾期1小时。" in late


def test_a_warning_links_to_the_clock_and_a_reminder_has_no_acknowledge_link(writer: Writer) -> None:
    first, reminder = writer.write(warning(60)), writer.write(warning(-30, kind="notice.reminder"))
    assert f"Open the deadline, after signing in: {CLOCKS}" in first.text
    assert [(one.words, one.url) for one in reminder.links] == [("Open the deadline", CLOCKS)]
    assert reminder.asked == "File the report, and record that it was filed."


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["notice.created", "notice.escalated", "notice.reminder", "notice.declined"])
def test_of_tlp_red_neither_report_nor_due_is_in_any_text(writer: Writer, kind: str, language: str) -> None:
    written = writer.write(warning(60, language, kind, tlp="red", reason="secret"), language)
    text = written.subject + written.text + written.html
    assert [
        word for word in (REPORTS[language], RECIPIENTS[language], "04:30", "secret", "payroll") if word in text
    ] == []
    assert ("sign in to read" if language == "en" else "请登录后查看") in text


def test_who_declines_a_deadline_has_declined_to_file_the_report(writer: Writer) -> None:
    text = writer.write(warning(60, kind="notice.declined", reason="not ours")).text
    assert "City Network Office has declined to file a report on incident INC-2026-000042: First report" in text
    assert "Reason: not ours." in text


def test_a_bundle_says_which_report_is_due_or_overdue(writer: Writer) -> None:
    bundle = make_bundle([warning(60), warning(-1, incident="INC-2026-000043")], "https://incident.example/inbox", 9)
    text = writer.write_bundle(bundle).text
    assert "Deadline: First report (Reporting rules)" in text
    assert "Overdue: First report (Reporting rules)" in text


def test_a_length_is_said_in_its_two_largest_units() -> None:
    minutes = [0, 1, 59, 60, 125, 60 * 24, 60 * 24 + 1, 60 * 49]
    assert [span_words(timedelta(minutes=one), "en", str) for one in minutes] == [
        "less than a minute",
        "1 minute",
        "59 minutes",
        "1 hour",
        "2 hours 5 minutes",
        "1 day",
        "1 day 1 minute",
        "2 days 1 hour",
    ]
