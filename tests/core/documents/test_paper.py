"""What is printed of a document, whatever file it becomes."""

import json

import pytest

from incident.core.documents.content import DocumentContent
from incident.core.documents.paper import Paper, SignedWith, make_paper, paper_document, paper_hash
from incident.data.document_kinds import shipped_kinds
from tests.core.documents.test_documents_content import content

SIGNED = SignedWith("X网信〔2026〕1号", "王芳", "2026年12月1日")
WORDS = {
    "issuer": "甲办",
    "addressee": "乙办",
    "reasons": "一、情况\n攻击仍在持续。\n（一）措施",
    "matters": "请支援。",
    "contact": "丙",
}


def printed(kind: str, signed: SignedWith | None = None, *, is_void: bool = False, **changes: object) -> Paper:
    given: DocumentContent = content(**{"facts": {}, "words": WORDS, "title": "标题"} | changes)
    return make_paper(shipped_kinds()[kind], given, signed, is_void=is_void)


def test_a_request_to_superiors_names_who_signed_it_beside_its_number() -> None:
    made = printed("request-for-instructions", SIGNED, urgency="urgent", marking="internal")
    assert (made.issuer, made.mark, made.number, made.signatory) == ("甲办", "文件", "X网信〔2026〕1号", "王芳")
    assert (made.marking, made.urgency, made.stamp, made.drill) == ("内部", "加急", "", "")
    assert (made.day, list(made.printed)) == ("2026年12月1日", ["甲办", "2026年12月1日"])
    levels = {text: level for level, text in made.paragraphs}
    assert (levels["一、情况"], levels["攻击仍在持续。"], levels["（一）措施"]) == (1, 0, 2)
    assert printed("transfer-letter", SIGNED).signatory == ""


@pytest.mark.parametrize(
    ("signed", "is_void", "stamp"),
    [(None, False, "草稿"), (SIGNED, False, ""), (SIGNED, True, "作废"), (None, True, "作废")],
)
def test_a_paper_says_that_it_is_a_draft_or_void(signed: SignedWith | None, is_void: bool, stamp: str) -> None:
    made = printed("request-for-instructions", signed, is_void=is_void, is_drill=True)
    assert (made.stamp, made.drill) == (stamp, "演练")
    if signed is None:
        assert (made.number, made.day, list(made.printed)) == ("（编号于签发时取得）", "（签发日期）", [])


def test_a_form_has_a_row_for_each_field_and_for_the_signature() -> None:
    made = printed("incident-report-form", SIGNED, words={"issuer": "甲办"})
    assert made.rows[0] == ("报告单位", "甲办") or made.rows[0][1] == "甲办"
    assert list(made.rows[-2:]) == [("签发人", "王芳"), ("签发日期", "2026年12月1日")]
    assert "—" in {value for _label, value in made.rows}
    assert not made.printed
    english = printed("nis2-early-warning", SignedWith("X 1", "Ann", "1 December 2026"), words={}, is_drill=True)
    assert (english.rows[-1], english.drill) == (("Date", "1 December 2026"), "EXERCISE 演练")


def test_control_characters_and_direction_marks_are_not_printed() -> None:
    made = printed(
        "request-for-instructions", None, words=WORDS | {"matters": "a\0b\u202ec\u2066d\x1b[31m"}, title="t\0\u202e\n2"
    )
    assert made.title == "t 2"
    assert "a bcd [31m" in [text for _level, text in made.paragraphs]


def test_the_hash_is_that_of_the_canonical_text_and_changes_with_each_part() -> None:
    draft, signed = printed("circular"), printed("circular", SIGNED)
    assert json.loads(paper_document(draft))["words"]["draft"] == "草稿"
    hashes = {paper_hash(paper_document(one)) for one in (draft, printed("circular"), signed)}
    assert len(hashes) == 2
