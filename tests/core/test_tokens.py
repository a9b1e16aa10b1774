"""Words of full text: what a document is filed under answers what is asked."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core import tokens
from incident.core.tokens import asked, words_of


def finds(query: str, *texts: str) -> bool:
    """Whether a document with these texts has every word of the query, as the databases decide it."""
    words = words_of(texts)
    found = asked(query)
    return bool(found) and all(
        any(word.startswith(one.word) if one.is_prefix else word == one.word for word in words) for one in found
    )


@pytest.mark.parametrize("query", ["勒", "毒", "勒索", "病毒", "索病", "勒索病毒", "勒索 病毒", "病毒 攻击", "击"])
def test_one_two_or_more_chinese_characters_are_found_in_a_chinese_text(query: str) -> None:
    assert finds(query, "某医院服务器遭勒索病毒攻击")


@pytest.mark.parametrize("query", ["毒病", "勒病", "感染", "勒索软件", "医院 学校"])
def test_characters_that_do_not_stand_side_by_side_are_not_found(query: str) -> None:
    assert not finds(query, "某医院服务器遭勒索病毒攻击")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("192.0.2.17", "Scan from 192.0.2.17, again"),
        ("192.0.2.17", "来自192.0.2.17的扫描"),
        ("192.0.2", "Scan from 192.0.2.17"),
        ("192[.]0[.]2[.]17", "Scan from 192.0.2.17."),
        ("2001:db8::1", "peer 2001:0DB8:0:0::1 seen"),
        ("evil.example", "calls mail.evil.example"),
        ("EVIL.example", "hxxps://evil[.]example/login"),
        ("https://evil.example/login", "http://evil.example/login?x=1"),
        ("evil.example/a", "http://evil.example/a/b/c.php"),
        ("c.php", "http://evil.example/a/b/c.php"),
        ("ops@evil.example", "from Ops@Evil.Example"),
        ("evil.example", "from ops@evil.example"),
        ("INC-2026-000012", "as in INC-2026-000012."),
        ("000012", "as in INC-2026-000012."),
        ("cve-2026-44228", "CVE-2026-44228 is used"),
        ("d41d8cd98f00b204e9800998ecf8427e", "MD5 D41D8CD98F00B204E9800998ECF8427E"),
        ("d41d8cd9", "MD5 D41D8CD98F00B204E9800998ECF8427E"),
        ("report.pdf.exe", "opened report.pdf.exe"),
        ("10.0.0.0/8", "all of 10.0.0.0/8"),
        ("例子.测试", "xn--fsqu00a.xn--0zwm56d"),
        ("xn--fsqu00a.xn--0zwm56d", "see xn--fsqu00a.xn--0zwm56d"),
    ],
)
def test_an_indicator_is_found_whole_and_in_the_parts_people_ask_for(query: str, text: str) -> None:
    assert finds(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("192.0.2.1", "Scan from 192.0.2.17"),
        ("evil.example", "notevil.example"),
        ("INC-2026-000012", "INC-2025-000012 and 2026"),
        ("a@evil.example", "b@evil.example"),
    ],
)
def test_an_indicator_does_not_find_its_neighbours(query: str, text: str) -> None:
    assert not finds(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("RANSOMWARE", "ransomware on a server"),
        ("ransom", "Ransomware on a server"),
        ("server ransomware", "Ransomware on a server"),
        ("ｓｅｒｖｅｒ", "Ransomware on a server"),
        ("cafe", "Café"),
        ("STRASSE", "Straße"),
        ("e-mail", "by E mail"),
        ("user", "user_name"),
        ("사건", "보안사건 보고"),
        ("インシデント", "重大インシデント"),
        ("𠮷野", "𠮷野家"),
    ],
)
def test_case_width_and_accents_do_not_matter_and_words_are_found_by_their_beginning(query: str, text: str) -> None:
    assert finds(query, text)


def test_a_short_or_numeric_word_is_not_taken_for_a_beginning() -> None:
    assert not finds("se", "server")
    assert not finds("2026", "20260")


@pytest.mark.parametrize("query", ["", "   ", "???", '"', "' OR 1=1 --"[:2], "，。！", "\x00", "\ud800"])
def test_a_query_without_a_word_asks_for_nothing(query: str) -> None:
    assert asked(query) == ()


def test_a_document_and_a_query_are_bounded() -> None:
    assert len(words_of([" ".join(f"w{number}" for number in range(50_000))])) <= tokens.WORDS_MOST
    assert len(asked(" ".join(f"w{number}" for number in range(1_000)))) == tokens.ASKED_MOST
    chained = words_of([".".join(["a"] * 20_000)])
    assert sum(map(len, chained)) < 1_000


def test_a_very_long_word_is_found_by_the_whole_of_it() -> None:
    long = "x" * 5_000
    assert finds(long, f"a {long} b")
    assert not finds("x" * 4_999, f"a {long} b")


@given(st.text(max_size=60))
def test_every_text_finds_itself_unless_it_is_cut(text: str) -> None:
    found = asked(text)
    if found and len(found) < tokens.ASKED_MOST:
        assert finds(text, text)


@given(st.text(max_size=100))
def test_no_word_holds_a_sign_that_the_databases_give_a_meaning_to(text: str) -> None:
    for word in [*words_of([text]), *(one.word for one in asked(text))]:
        assert word
        assert not set(word) & set("\"'\\ \t\r\n\x00()&|!<*,")
        assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zs"} for char in word)
