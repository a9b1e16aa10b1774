"""The marks that templates call: what they show in each language, and that texts in them are escaped."""

import datetime as dt
from collections.abc import Iterator

import pytest
from flask import g

from incident.web import i18n
from incident.web.pages import template_filters as marks
from tests.web.office import Office

NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest, office: Office) -> Iterator[str]:
    with office.app.test_request_context(f"/?lang={request.param}"):
        g.now = NOW
        yield request.param


def test_a_moment_is_shown_as_the_time_since_and_as_date_and_time(language: str) -> None:
    moment = NOW - dt.timedelta(minutes=5)
    ago, day = ("5 min. ago", "2 Mar, 00:55") if language == "en" else ("5分钟前", "3月2日 00:55")
    full = "2 March 2026, 00:55:00" if language == "en" else "2026年3月2日 00:55:00"
    first = f'<time datetime="2026-03-02T00:55:00Z" title="{full}" data-ago>{ago}</time>'
    second = f'<time datetime="2026-03-02T00:55:00Z" title="{full}">{day}</time>'
    assert marks.ago_mark(moment) == first
    assert marks.both_mark(moment) == f'{first} <span class="quiet">({second})</span>'


def test_a_countdown_says_what_is_left_and_how_late_it_is(language: str) -> None:
    left, late = marks.until_mark(NOW + dt.timedelta(minutes=5)), marks.until_mark(NOW - dt.timedelta(minutes=5))
    assert left.endswith(">5:00</time>")
    assert late.endswith(">5:00 late</time>" if language == "en" else ">已逾期 5:00</time>")


def test_a_countdown_of_days_says_how_many_also_when_it_is_over(language: str) -> None:
    left, late = marks.until_mark(NOW + dt.timedelta(days=29.5)), marks.until_mark(NOW - dt.timedelta(days=3))
    assert left.endswith(">29 days</time>" if language == "en" else ">29天</time>")
    assert late.endswith(">3 days late</time>" if language == "en" else ">已逾期 3天</time>")


def test_numbers_of_each_unit_of_time_are_in_words(language: str) -> None:
    units = [i18n.counted(30, unit) for unit in ("minute", "hour", "day", "month")]
    english, chinese = ["30 minutes", "30 hours", "30 days", "30 months"], ["30分钟", "30小时", "30天", "30个月"]
    assert units == (english if language == "en" else chinese)


def test_words_around_a_countdown_are_escaped(language: str) -> None:
    shown = marks.until_mark(NOW + dt.timedelta(minutes=5), 'then "<b>" in %')
    assert 'data-until="then &#34;&lt;b&gt;&#34; in %"' in shown
    assert shown.endswith(">then &#34;&lt;b&gt;&#34; in 5:00</time>")


def test_no_moment_shows_nothing(language: str) -> None:
    assert [mark(None) for mark in (marks.ago_mark, marks.at_mark, marks.both_mark, marks.until_mark)] == [""] * 4


def test_the_label_of_an_icon_is_escaped(language: str) -> None:
    assert 'role="img" aria-label="Remove &lt;i&gt;"' in marks.icon_mark("x", "Remove <i>")
    assert 'aria-hidden="true"' in marks.icon_mark("x")


def test_a_state_is_shown_in_the_language_of_each_page(language: str) -> None:
    words = "closed" if language == "en" else "已关闭"
    assert marks.tag_mark("incident.closed").startswith(
        '<span class="tag tag-quiet"><svg class="icon" aria-hidden="true">'
    )
    assert marks.tag_mark("incident.closed").endswith(f"</svg>{words}</span>")
