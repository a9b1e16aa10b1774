"""The search tokenizer: tokens of a document match the tokens of a query."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents import search_tokenizer
from incident.core.incidents.search_tokenizer import query_words, words_of


def finds(query: str, *texts: str) -> bool:
    """Whether a document with these texts has every word of the query, as the databases decide it."""
    words = words_of(texts)
    found = query_words(query)
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
    assert query_words(query) == ()


def test_a_document_and_a_query_are_bounded() -> None:
    assert len(words_of([" ".join(f"w{number}" for number in range(50_000))])) <= search_tokenizer.MAX_WORDS
    assert len(query_words(" ".join(f"w{number}" for number in range(1_000)))) == search_tokenizer.MAX_ASKED
    chained = words_of([".".join(["a"] * 20_000)])
    assert sum(map(len, chained)) < 1_000


def test_a_very_long_word_is_found_by_the_whole_of_it() -> None:
    long = "x" * 5_000
    assert finds(long, f"a {long} b")
    assert not finds("x" * 4_999, f"a {long} b")


@given(st.text(max_size=60))
def test_every_text_finds_itself_unless_it_is_cut(text: str) -> None:
    found = query_words(text)
    if found and len(found) < search_tokenizer.MAX_ASKED:
        assert finds(text, text)


@given(st.text(max_size=100))
def test_no_word_holds_a_sign_that_the_databases_give_a_meaning_to(text: str) -> None:
    for word in [*words_of([text]), *(one.word for one in query_words(text))]:
        assert word
        assert not set(word) & set("\"'\\ \t\r\n\x00()&|!<*,")
        assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zs"} for char in word)


BAIT = "https://bank.example/login?next=https://evil.example/x"
NESTED = (
    BAIT,
    "https://bank.example/login?next=https%3A%2F%2Fevil.example%2Fx&lang=en",
    "https://bank.example/login?next=https%253A%252F%252Fevil.example%252Fx",
    "hxxps://bank[.]example/login?lang=en&next=hxxps://evil[.]example/x#top",
    "https://bank.example/login/https://evil.example/x?y=1",
    "ftp://bank.example/login?a=http://middle.example/?b=https://evil.example/x",
)


@pytest.mark.parametrize("text", NESTED)
@pytest.mark.parametrize(
    "query", ["https://evil.example/x", "evil.example", "bank.example", "https://bank.example/login"]
)
def test_the_outer_and_the_inner_address_are_found(text: str, query: str) -> None:
    assert finds(query, f"A mail asks to open {text}, now.")


@pytest.mark.parametrize("text", NESTED)
def test_an_address_that_holds_others_is_found_whole(text: str) -> None:
    assert finds(text, f"A mail asks to open {text}, now.")


def test_only_so_many_addresses_inside_one_another_are_looked_at() -> None:
    nested = "".join(f"https://h{number}.example/?u=" for number in range(5_000))
    words = words_of([nested])
    assert "=h0.example" in words
    assert "=h4999.example" in words_of([nested[-3_000:]])
    assert len(words) <= search_tokenizer.MAX_WORDS


HOSTILE = {
    "a+": "a+" * 50_000,
    "schemes": "a+b.c-d://" * 10_000,
    "no schemes": "://" * 33_333,
    "addresses": "http://a?" * 11_111,
    "one path": "a/" * 50_000,
    "one name": "a." * 50_000,
    "colons": "a:" * 50_000,
    "hyphens": "xn--a-" * 16_666,
    "percent": "http://a/" + "%25" * 33_330,
    "combining marks": "a" + "\u0315\u0327" * 50_000,
    "ligatures": "\ufdfa" * 100_000,
    "defanged": "a[.]hxxp" * 12_500,
}


def spent(text: str) -> float:
    """The minimum CPU time (s) of tokenizing a text, of some measurements."""
    taken = []
    for _ in range(15):
        begun = time.process_time()
        words_of([text])
        taken.append(time.process_time() - begun)
    return min(taken)


def test_a_hundred_thousand_letters_of_the_worst_kind_take_fifty_milliseconds() -> None:
    assert spent(HOSTILE["a+"]) < 0.05


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_takes_more_than_linear_time(name: str) -> None:
    text = HOSTILE[name][:100_000]
    assert spent(text) < 1.0
    query_words(text)


PIECES = ["http", "hxxps", "://", "a", "a+", "evil.example", "?", "#", "&", "next=", "%3A%2F%2F", "%25", "%", "/",
          "[.]", "@", ":", "::1", "xn--", "勒索", "é", "\u0301", "\ud800", "\x00", " ", "-", "_", "='", '"',
          "\ufdfa"]  # fmt: skip
URLISH = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


@given(URLISH | st.text(st.characters(codec=None), max_size=80))
def test_nothing_that_people_can_type_raises(text: str) -> None:
    assert all(words_of([text]))
    assert all(search_tokenizer.simple_words_of([text]))
    found = query_words(text)
    assert not found or len(found) == search_tokenizer.MAX_ASKED or finds(text, text)


def test_the_words_of_a_document_fit_into_the_databases() -> None:
    long = " ".join(".".join(["\U00010400" * 5 + chr(0x4E00)] * 2 + [f"{number:x}" * 2] * 9) for number in range(9_000))
    compounds = " ".join(
        ".".join(f"{chr(0x10400 + number % 40) * 4}{number}{part}" for part in range(11)) for number in range(2_000)
    )
    for text in (long, compounds):
        assert sum(len(word.encode()) for word in words_of([text])) <= search_tokenizer.MAX_SIZE
