"""The canonical form of indicators."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.indicator import (
    KINDS,
    MAX_NESTED,
    Indicator,
    defang,
    guess_indicator,
    nesting_in,
    parse_indicator,
    read_indicators,
    refang,
    with_nested,
)
from incident.core.values.faults import RuleError

DIGEST = "D41D8CD98F00B204E9800998ECF8427E"


@pytest.mark.parametrize(
    ("kind", "written", "canonical"),
    [
        ("ipv4", " 192.0.2.1 ", "192.0.2.1"),
        ("ipv4", "192[.]0[.]2[.]1", "192.0.2.1"),
        ("ipv6", "2001:DB8:0:0::1", "2001:db8::1"),
        ("ipv6", "[2001:db8::1]", "2001:db8::1"),
        ("domain", "Evil.EXAMPLE.", "evil.example"),
        ("domain", "钓鱼.example", "xn--c74au9m.example"),
        ("domain", "evil[.]example", "evil.example"),
        ("domain", "_dmarc.evil(dot)example", "_dmarc.evil.example"),
        ("url", "hxxps://Evil[.]Example:443/A?b=C#d", "https://evil.example/A?b=C#d"),
        ("url", "http://192.0.2.1:8080", "http://192.0.2.1:8080/"),
        ("url", "http://[2001:DB8::1]/x", "http://[2001:db8::1]/x"),
        ("url", "ftp://user@evil.example/", "ftp://user@evil.example/"),
        ("email", "Bad.Guy@Evil.Example", "Bad.Guy@evil.example"),
        ("email", "bad[at]evil[.]example", "bad@evil.example"),
        ("md5", DIGEST, DIGEST.lower()),
        ("sha1", "A" * 40, "a" * 40),
        ("sha256", "0" * 64, "0" * 64),
        ("account", "CORP\\Zhang San", "CORP\\Zhang San"),
    ],
)
def test_equal_things_get_one_form(kind: str, written: str, canonical: str) -> None:
    assert parse_indicator(kind, written).value == canonical


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("ipv4", "192.0.2.256"),
        ("ipv4", "192.0.2.01"),
        ("ipv4", "2001:db8::1"),
        ("ipv6", "fe80::1%eth0"),
        ("ipv6", "192.0.2.1"),
        ("domain", "localhost"),
        ("domain", "-evil.example"),
        ("domain", "evil..example"),
        ("domain", "192.0.2.1"),
        ("domain", "a" * 64 + ".example"),
        ("domain", ".".join(["a" * 60] * 5)),
        ("domain", "evil.example/x"),
        ("url", "evil.example/x"),
        ("url", "javascript:alert(1)"),
        ("url", "http:///x"),
        ("url", "http://evil.example:99999/"),
        ("url", "http://evil.example/a b"),
        ("url", "http://[evil/"),
        ("email", "evil.example"),
        ("email", "a@b@evil.example"),
        ("email", "@evil.example"),
        ("md5", DIGEST[:-1]),
        ("sha256", "z" * 64),
        ("account", ""),
        ("account", "a\nb"),
        ("account", "a" * 321),
        ("domain", "evil\x00.example"),
        ("url", "http://evil.example/" + "a" * 3_000),
    ],
)
def test_what_is_not_of_the_kind_is_refused(kind: str, written: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_indicator(kind, written, "/indicators/0")
    assert caught.value.code == "indicator.malformed"
    assert (caught.value.arguments, caught.value.pointer) == ({"kind": kind}, "/indicators/0")


def test_an_unknown_kind_is_refused_naming_the_known_ones() -> None:
    with pytest.raises(RuleError) as caught:
        parse_indicator("mutex", "x")
    assert caught.value.code == "indicator.unknown_kind"
    assert "sha256" in caught.value.arguments["kinds"]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("192.0.2.1", "ipv4"),
        ("2001:db8::1", "ipv6"),
        ("evil[.]example", "domain"),
        ("hxxp://evil[.]example", "url"),
        ("bad@evil.example", "email"),
        (DIGEST, "md5"),
        ("b" * 40, "sha1"),
        ("c" * 64, "sha256"),
    ],
)
def test_the_kind_is_guessed(written: str, kind: str) -> None:
    assert guess_indicator(written).kind == kind


@pytest.mark.parametrize("written", ["", "zhangsan", "not an indicator", "a" * 32 + "g"])
def test_what_could_be_anything_is_not_guessed(written: str) -> None:
    with pytest.raises(RuleError) as caught:
        guess_indicator(written)
    assert caught.value.code == "indicator.unrecognised"


PIECES = ["http", "hxxps", "://", "[:]//", "evil", "钓鱼", ".", "[.]", "(dot)", "@", "[at]", "example", "192.0.2.", "1",
          ":", "2001:db8::", "/", "?a=[.]", "#", "[", "]", "%41", "-", "_", "ß", " ", "a" * 32]  # fmt: skip


@given(st.sampled_from(KINDS), st.text(max_size=80) | st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_a_canonical_form_is_its_own_canonical_form(kind: str, text: str) -> None:
    try:
        indicator = parse_indicator(kind, text)
    except RuleError:
        return
    assert parse_indicator(kind, indicator.value) == indicator


HOSTS = st.from_regex(r"[a-z]{1,8}(\.[a-z]{2,6}){1,3}", fullmatch=True)


@given(st.one_of(
    HOSTS.map(lambda host: Indicator("domain", host)),
    st.ip_addresses(v=4).map(lambda address: Indicator("ipv4", str(address))),
    st.ip_addresses(v=6).map(lambda address: parse_indicator("ipv6", str(address))),
    HOSTS.map(lambda host: Indicator("url", f"https://{host}/a.b?c=d.e")),
    HOSTS.map(lambda host: Indicator("email", f"bad.guy@{host}")),
))  # fmt: skip
def test_a_defanged_indicator_reads_back(indicator: Indicator) -> None:
    harmless = defang(indicator)
    assert harmless != indicator.value
    assert parse_indicator(indicator.kind, harmless) == indicator


def test_defanging_makes_no_link() -> None:
    assert defang(Indicator("url", "https://evil.example/a.b")) == "hxxps://evil[.]example/a.b"
    assert defang(Indicator("sha1", "a" * 40)) == "a" * 40


def test_plain_text_is_not_touched_by_refanging() -> None:
    assert refang("at the dot (see above)") == "at the dot (see above)"


@given(
    st.lists(st.sampled_from([*"[](){}:/.@xh \n", "[.]", "at", "dot", "hxxp", "://", "[:]"]), max_size=40).map("".join)
)
def test_what_is_refanged_once_is_refanged_for_good(text: str) -> None:
    assert refang(refang(text)) == refang(text)


def test_what_is_nested_is_refanged_and_what_is_nested_without_end_costs_nothing() -> None:
    assert refang("hxxp[[:]]//evil[[.]]example([at])x") == "http://evil.example@x"
    endless = "[" * 50_000 + "." + "]" * 50_000
    assert refang(endless) == endless


def test_a_list_takes_objects_and_texts_and_keeps_each_once() -> None:
    listed = [{"kind": "domain", "value": "Evil.example"}, "evil.example", {"value": "192.0.2.1"}]
    assert read_indicators(listed) == (Indicator("domain", "evil.example"), Indicator("ipv4", "192.0.2.1"))


@pytest.mark.parametrize(
    ("listed", "code", "pointer"),
    [
        ("evil.example", "indicator.list", "/indicators"),
        (["x"] * 1_001, "indicator.list", "/indicators"),
        ([7], "indicator.shape", "/indicators/0"),
        ([{"kind": "ipv4"}], "indicator.shape", "/indicators/0"),
        ([{"kind": "ipv4", "value": "192.0.2.1", "note": ""}], "indicator.shape", "/indicators/0"),
        (["192.0.2.1", {"kind": "ipv4", "value": "x"}], "indicator.malformed", "/indicators/1"),
    ],
)
def test_a_bad_list_is_refused_with_the_place(listed: object, code: str, pointer: str) -> None:
    with pytest.raises(RuleError) as caught:
        read_indicators(listed, "/indicators")
    assert (caught.value.code, caught.value.pointer) == (code, pointer)


def test_every_fault_of_a_list_is_named() -> None:
    with pytest.raises(RuleError) as caught:
        read_indicators(["nothing", "192.0.2.1", 7], "")
    assert [fault.pointer for fault in caught.value.all] == ["/0", "/2"]


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("https://bank.example/login?next=https://evil.example/x", ["https://evil.example/x"]),
        (
            "https://bank.example/?a=1&next=https%3A%2F%2FEvil.example%2Fx%3Fb%3D1%26c=2",
            ["https://evil.example/x?b=1&c=2"],
        ),
        ("https://bank.example/?u=https%253A%252F%252Fevil.example", ["https://evil.example/"]),
        ("https://archive.example/2026/http://evil.example/x?y=1&z=2", ["http://evil.example/x?y=1&z=2"]),
        ("https://bank.example/#/http://evil.example", ["http://evil.example/"]),
        (
            "https://a.example/?u=https%3A%2F%2Fb.example%2F%3Fv%3Dhttps%253A%252F%252Fc.example",
            ["https://b.example/?v=https%3A%2F%2Fc.example", "https://c.example/"],
        ),
        ("https://bank.example/?next=http://[bad", []),
        ("https://bank.example/?next=nothing%20at%20all", []),
    ],
)
def test_an_address_inside_another_is_kept_beside_it(outer: str, inner: list[str]) -> None:
    assert [one.value for one in read_indicators([outer])] == [outer, *inner]


def test_addresses_inside_one_another_are_followed_so_far_and_no_further() -> None:
    nested = "".join(f"https://h{number}.example/?u=" for number in range(60))
    assert 1 < len(read_indicators([nested])) <= MAX_NESTED + 1


def test_of_free_text_only_addresses_that_hold_another_are_indicators() -> None:
    text = "See https://wiki.example/x and hxxps://bank[.]example/login?next=https://evil.example/x, now."
    assert [one.value for one in nesting_in([text, "https://other.example"])] == [
        "https://bank.example/login?next=https://evil.example/x",
        "https://evil.example/x",
    ]


def test_defanging_leaves_no_link_inside_a_link() -> None:
    bait = Indicator("url", "https://bank.example/login?next=https://evil.example/x")
    assert defang(bait) == "hxxps://bank[.]example/login?next=hxxps://evil.example/x"
    assert parse_indicator("url", defang(bait)) == bait


@given(st.lists(st.sampled_from([*PIECES, "&u=", "%3A%2F%2F", "%25", "%", "https"]), max_size=14).map("".join))
def test_any_address_is_an_indicator_or_a_fault(text: str) -> None:
    nesting_in([text])
    try:
        found = read_indicators([{"kind": "url", "value": f"https://a.example/{text}"}])
    except RuleError:
        return
    assert with_nested(found) == found
