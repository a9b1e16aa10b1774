"""Passages that may tell who wrote a report."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.reports.identifying import MOST_PASSAGES, find_passages, passage_number, redact


def found(text: str) -> list[str]:
    return [text[one.start : one.end] for one in find_passages(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("我叫李伟，电话 13987654321，住在北京", ["李伟", "13987654321"]),
        ("姓名：欧阳明月\n联系人:王芳", ["欧阳明月", "王芳"]),
        ("我是李伟。本人王小明，在厂里上班", ["李伟", "王小明"]),
        ("我是第三中学初三二班的班主任，昨天看到", ["我是第三中学初三二班的班主任"]),
        ("I am the class teacher of 3B. My name is Li Wei Zhang.", ["I am the class teacher of 3B", "Li Wei Zhang"]),
        ("call +49 30 1234567 or 010-62345678", ["+49 30 1234567", "010-62345678"]),
        ("139 8765 4321 / +86-139-8765-4321", ["139 8765 4321", "+86-139-8765-4321"]),
        ("身份证110101199003077758，或11010119900307775X", ["110101199003077758", "11010119900307775X"]),
        ("write to li.wei+x@post.example.org now", ["li.wei+x@post.example.org"]),
        ("https://evil.example/u/13987654321?x=1", ["13987654321"]),
    ],
)
def test_what_identifies_is_found(text: str, wanted: list[str]) -> None:
    assert found(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "我是来举报的，本人不愿透露姓名",
        "订单 20261121083000123456，损失 3000 元",
        "They said they were the bank. I am afraid.",
        "http://evil.example/login?id=139876543211234",
        "@ a@ @b",
    ],
)
def test_what_identifies_nobody_is_left(text: str) -> None:
    assert found(text) == []


TEXTS = st.text(alphabet="我叫李伟电话是的13987654 @.,，。\nabAI ", max_size=200)


@given(TEXTS)
def test_passages_are_in_order_and_do_not_overlap(text: str) -> None:
    ends = [place for one in find_passages(text) for place in (one.start, one.end)]
    assert ends == sorted(ends)
    assert all(0 <= place <= len(text) for place in ends)


@given(TEXTS)
def test_what_was_replaced_comes_back_from_its_numbers(text: str) -> None:
    redacted = redact({"text": text})
    restored = redacted.texts["text"] or ""
    for field, passage in redacted.passages.items():
        restored = restored.replace(f"〔已封存 {passage_number(field)}〕", passage)
    assert restored == text


def test_the_same_passage_has_the_same_number_in_all_texts() -> None:
    redacted = redact({"text": "13987654321, a@b.example", "url": "http://x.example/13987654321", "evidence": None})
    assert redacted.texts == {
        "text": "〔已封存 1〕, 〔已封存 2〕",
        "url": "http://x.example/〔已封存 1〕",
        "evidence": None,
    }
    assert redacted.passages == {"passage_1": "13987654321", "passage_2": "a@b.example"}


def test_very_many_passages_are_sealed_together() -> None:
    redacted = redact({"text": " ".join(f"a{number}@b.example" for number in range(60))})
    assert len(redacted.passages) == MOST_PASSAGES
    assert redacted.passages[f"passage_{MOST_PASSAGES}"].count("\n") == 10
    assert "@" not in (redacted.texts["text"] or "")


def test_a_field_of_the_contact_is_no_passage() -> None:
    assert (passage_number("phone"), passage_number("passage_7")) == (None, 7)
