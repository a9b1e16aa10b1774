"""Bilingual texts are shown in one language, or completely if the language is unclear."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.cacao import load
from incident.core.values.bilingual import SLASH, in_language

ENGLISH, CHINESE = "en", "zh_Hans_CN"
WORDS = st.text("abcXYZ /.,()12\n-*", min_size=1, max_size=60)
SIGNS = st.text("隔离主机。，（）1/ \nab`-", min_size=1, max_size=60)


def both(text: str) -> tuple[str, str]:
    return in_language(text, ENGLISH), in_language(text, CHINESE)


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("Isolate / 隔离", "Isolate", "隔离"),
        ("隔离 / Isolate", "Isolate", "隔离"),
        ("WeCom / 企业微信 A/B", "WeCom", "企业微信 A/B"),
        ("TCP / UDP flood / 流量攻击", "TCP / UDP flood", "流量攻击"),
        ("Isolate / 隔离 / 断网", "Isolate", "隔离 / 断网"),
        ("State: clean or none / 备份：clean（完好）或 none", "State: clean or none", "备份：clean（完好）或 none"),
        ("Isolate it.\n\n立即隔离。", "Isolate it.", "立即隔离。"),
        ("立即隔离。\n\nIsolate it.", "Isolate it.", "立即隔离。"),
        ("1. Cut it off\n2. Call\n\n1) 断网\n2) 通知", "1. Cut it off\n2. Call", "1) 断网\n2) 通知"),
        ("One.\n\nTwo.\n\n一。\n\n二。", "One.\n\nTwo.", "一。\n\n二。"),
        ("1. Cut it off / 断网\n2. Call / 通知", "1. Cut it off\n2. Call", "1. 断网\n2. 通知"),
        ("Cut it off:\n\n```\nip link\n```\n\nNow.", None, None),
        ("Run this:\n\n`ip link`.\n\n运行 `ip link`。", None, None),
    ],
)
def test_each_reader_gets_the_part_in_their_language(text: str, english: str | None, chinese: str | None) -> None:
    assert both(text) == (english or text, chinese or text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "隔离",
        "and / or",
        "Isolate / 隔离 / now",
        "CERT / 应急中心, NOC / 网络中心",
        "A / 甲; Bank / 银行",
        "路径 /var/log / 日志",
        "Look at it.\n\n看一下。\n\nThen call.",
        "Run this first, then look.\n\n    ip link set down\n\n先运行，再查看。",
        "Run it.\n\n```\nip link\n```\n\n运行。",
        "```\nfirst line\n\n第二行\n```",
        "See https://example.org/a for more\n\n详见通知。",
        "Alert: login from a new place, host web-1, user root, seen four times within the last minute.\n\n误报",
        "Call / 通知\nand wait",
    ],
)
def test_what_is_not_surely_said_twice_is_shown_whole(text: str) -> None:
    assert both(text) == (text, text)


@given(st.lists(WORDS | SIGNS | st.just(SLASH) | st.just("\n\n"), max_size=8).map("".join))
def test_nothing_is_lost_whatever_the_text(text: str) -> None:
    english, chinese = both(text)
    if english == text or chinese == text:
        assert english == chinese == text
        return
    assert english.strip()
    assert chinese.strip()
    assert not set(text) - set(english + chinese) - set("/ \n")
    assert {line.strip() for line in text.splitlines() if SLASH not in line and line.strip()} <= {
        line.strip() for line in [*english.splitlines(), *chinese.splitlines()]
    }


@given(st.text(max_size=200))
def test_showing_a_part_again_changes_nothing(text: str) -> None:
    for language in (ENGLISH, CHINESE):
        idempotency = in_language(text, language)
        assert in_language(idempotency, language) == idempotency


@pytest.mark.parametrize("file", sorted(Path("playbooks").glob("*.yaml")), ids=lambda file: file.stem)
def test_every_text_of_the_shipped_playbooks_is_told_apart(file: Path) -> None:
    for text in texts(load(file.read_bytes())):
        english, chinese = both(text)
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in english), text
        assert chinese != text, text


def texts(value: Any) -> list[str]:
    """Return every text with Chinese characters, at any depth."""
    if isinstance(value, str):
        return [value] if any("\u4e00" <= letter <= "\u9fff" for letter in value) else []
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in parts for text in texts(part)]
