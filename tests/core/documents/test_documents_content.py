"""Kinds, content, numbers, markings and layout of documents."""

import datetime as dt
import json
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.documents.content import (
    DocumentContent,
    bound_values,
    canonical_content,
    check_words,
    document_hash,
    missing_fields,
)
from incident.core.documents.fact_words import day_fact, grade_fact, moment_fact
from incident.core.documents.kinds import read_kind
from incident.core.documents.layout import first_title, lay_out
from incident.core.documents.markings import may_see_marking, require_marking
from incident.core.documents.numbering import NumberSeries, document_number, read_series
from incident.core.values.access import Viewer
from incident.core.values.faults import RuleError
from incident.data.document_kinds import FAMILIES, shipped_kinds

REQUEST = shipped_kinds()["request-for-instructions"]
FACTS = {"incident.title": "勒索软件", "incident.number": "INC-2026-000001", "document.cut_off": "2026年3月2日9时05分"}


def content(**changes: object) -> DocumentContent:
    facts = {"kind": "circular", "kind_hash": "0", "incident": "INC-2026-000001", "title": "通报", "marking": "none"}
    more = {"urgency": "none", "is_drill": False, "cut_off": "", "facts": {"a": "1"}, "words": {"b": "2"}}
    return DocumentContent(**{**facts, **more, "countersigners": [], **changes})  # type: ignore[arg-type]


def codes(fault: RuleError) -> list[tuple[str, str]]:
    return [(one.code, one.pointer) for one in fault.all]


def test_every_kind_is_complete_in_both_languages_and_has_a_series() -> None:
    kinds = shipped_kinds().values()
    assert {one.family for one in kinds} == set(FAMILIES)
    for one in kinds:
        assert all(field.label["zh"] and field.label["en"] for field in one.fields), one.id
        assert one.title["zh"]
        assert {one.layout, one.language} <= {"official", "form", "zh", "en"}
        read_series([{"series": one.series, "word": "X"}])
        if one.layout == "official":
            shown = " ".join(one.body) + one.heading
            hidden = [f.key for f in one.fields if f.is_required and f"{{{f.key}}}" not in shown]
            assert set(hidden) <= {"issuer", "addressee", "grade", "cut_off"}, (one.id, hidden)


def test_orders_and_proposals_need_a_legal_review_and_nothing_else_does() -> None:
    assert {one.id for one in shipped_kinds().values() if one.needs_legal_review} == {
        "rectification-order",
        "rectification-notice",
        "punishment-proposal",
    }


def test_a_kind_that_names_what_is_not_there_is_refused() -> None:
    kind = {"id": "x", "title": {}, "family": "form", "series": "report", "language": "zh", "layout": "form"}
    for wrong in (
        {"heading": "{nothing}", "fields": []},
        {"heading": "", "fields": [{"key": "a", "label": {}, "fact": "incident.weather"}]},
        {"heading": "", "fields": [{"key": "a", "label": {}}, {"key": "a", "label": {}}]},
    ):
        with pytest.raises(ValueError):
            read_kind(kind | wrong, "0")


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_the_hash_depends_on_every_character_and_not_on_the_order(words: dict[str, str]) -> None:
    made = content(words=words)
    assert document_hash(made) == document_hash(content(words=dict(reversed(words.items()))))
    assert json.loads(canonical_content(made))["words"] == words
    assert document_hash(made) != document_hash(content(words={**words, "more": "x"}))


@pytest.mark.parametrize("name", ["kind_hash", "title", "marking", "urgency", "cut_off", "incident"])
def test_a_change_of_any_particular_changes_the_hash(name: str) -> None:
    assert document_hash(content()) != document_hash(content(**{name: "other"}))


def test_bound_values_are_the_facts_and_cannot_be_typed() -> None:
    bound = bound_values(REQUEST, FACTS | {"incident.grade": None})
    assert bound == {
        "incident_title": "勒索软件",
        "incident_number": "INC-2026-000001",
        "cut_off": FACTS["document.cut_off"],
    }
    with pytest.raises(RuleError) as fault:
        check_words(REQUEST, {"incident_title": "mine", "nothing": "x", "contact": "two\nlines", "issuer": 3})
    assert codes(fault.value) == [
        ("official_document.field_bound", "/fields/incident_title"),
        ("official_document.field_unknown", "/fields/nothing"),
        ("text.not_one_line", "/fields/contact"),
        ("document.not_a_text", "/fields/issuer"),
    ]
    with pytest.raises(RuleError, match="not_a_choice"):
        check_words(shipped_kinds()["incident-report-form"], {"is_cii": "perhaps"})


def test_what_is_missing_is_named_in_the_order_of_the_kind() -> None:
    missing = [one.key for one in missing_fields(REQUEST, bound_values(REQUEST, FACTS) | {"issuer": "  "})]
    assert missing == ["issuer", "addressee", "contact", "reasons", "matters"]


def test_a_document_is_laid_out_with_blanks_for_what_is_missing_and_nothing_for_what_may_be() -> None:
    values = bound_values(REQUEST, FACTS) | {"matters": "一是甲。\n二是乙。"}
    sheet = lay_out(REQUEST, values)
    assert sheet.paragraphs[0] == "截至2026年3月2日9时05分，“勒索软件”（事件编号INC-2026-000001）正在处置。"
    assert sheet.paragraphs[1] == "＿＿＿＿"
    assert sheet.paragraphs[3:5] == ["一是甲。", "二是乙。"]
    assert first_title(REQUEST, values, 300) == "关于处置“勒索软件”有关事项的请示"
    brief = shipped_kinds()["incident-brief"]
    assert len(lay_out(brief, {}).paragraphs) == len(brief.body) - 1
    form = shipped_kinds()["record-of-talk"]
    assert [label for label, _ in lay_out(form, {}).rows][:2] == ["事件编号", "事件名称"]


def test_the_values_of_one_field_are_not_read_as_places_of_another() -> None:
    values = bound_values(REQUEST, FACTS) | {"reasons": "{matters}", "matters": "secret"}
    assert lay_out(REQUEST, values).paragraphs[1] == "{matters}"


def test_a_number_has_the_whole_year_and_no_zeros_and_an_exercise_says_so() -> None:
    series = NumberSeries("report", "X网信")
    assert document_number(series, 2026, 1, is_drill=False) == "X网信〔2026〕1号"
    assert document_number(series, 2026, 12, is_drill=True) == "（演练）X网信〔2026〕12号"
    brief = NumberSeries("brief", "X网信", "〔{year}〕第{number}期")
    assert document_number(brief, 2027, 3, is_drill=False) == "〔2027〕第3期"
    assert (series.counted_by, brief.counted_by) == ("X网信", "")


def test_all_faults_of_the_series_are_said_at_once() -> None:
    with pytest.raises(RuleError) as fault:
        read_series(
            [
                {"series": "weather", "word": "X"},
                {"series": "report", "word": " "},
                {"series": "letter", "word": "X", "form": "{number}"},
                {"series": "brief", "word": "X", "form": "{year}{number}{number}"},
                {"series": "talk", "word": "X"},
                {"series": "talk", "word": "Y"},
            ]
        )
    assert codes(fault.value) == [
        ("official_document.series_unknown", "/series/0/series"),
        ("document.not_a_text", "/series/1/word"),
        ("official_document.form_unfit", "/series/2/form"),
        ("official_document.form_unfit", "/series/3/form"),
        ("official_document.series_twice", "/series/5/series"),
    ]


@pytest.mark.parametrize("given_", ["secret", "秘密", "机密★5年", "绝密", "top_secret"])
def test_a_state_secret_is_refused_with_what_to_do_instead(given_: str) -> None:
    with pytest.raises(RuleError, match=r"official_document\.state_secret"):
        require_marking(given_)


def test_a_work_secret_is_for_those_with_the_right_and_its_drafter() -> None:
    drafter, other = Viewer("responder", person_id=3), Viewer("responder", person_id=4)
    assert may_see_marking(drafter, "work_secret", "person:3")
    assert not may_see_marking(other, "work_secret", "person:3")
    assert not may_see_marking(Viewer("responder"), "work_secret", "person:None")
    assert may_see_marking(Viewer("coordinator"), "work_secret", "person:3")
    assert may_see_marking(other, "internal", "person:3")
    assert not may_see_marking(Viewer("monitor"), "none", "person:3")


def test_facts_are_written_as_documents_write_them() -> None:
    at, zone = dt.datetime(2026, 3, 2, 1, 5, tzinfo=dt.UTC), ZoneInfo("Asia/Shanghai")
    assert moment_fact(at, zone, "zh") == "2026年3月2日9时05分"
    assert moment_fact(at, zone, "en") == "2026-03-02 09:05+08:00"
    assert moment_fact(None, zone, "zh") is None
    assert (day_fact(at.date(), "en"), grade_fact(2, "zh"), grade_fact(None, "en")) == ("2 March 2026", "重大", None)
