"""Finds passages of a report that may tell who its reporter is, in Chinese and English.

It finds what has a fixed form: numbers, addresses, names after a label, and sentences such as "I am the class teacher
of ...". It cannot know what else gives somebody away.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from incident.core.values.faults import RuleError
from incident.core.values.text import visible

PassageKind = Literal["phone", "id_number", "email", "name", "position"]

MOST_PASSAGES: Final = 50
"""Further passages of a report are sealed together with the last."""

_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖"
    "贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤欧"
)
_END_ZH: Final = r"(?=[，,。.、；;：:！!？?（(\s]|的|在|住|今年|电话|手机|是|$)"
_NAME_ZH: Final = rf"[\u4e00-\u9fff·]{{2,4}}?{_END_ZH}"
_SURE_NAME_ZH: Final = rf"[{_SURNAMES}][\u4e00-\u9fff·]{{1,3}}?{_END_ZH}"
_NAME_EN: Final = r"[A-Z][\w'’-]*(?:[ ]+[A-Z][\w'’-]*){0,3}"
_PATTERNS: Final[Mapping[PassageKind, re.Pattern[str]]] = {
    "email": re.compile(r"[\w.+-]{1,64}[@＠][A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}"),
    "id_number": re.compile(
        r"(?<![\dA-Za-z])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])"
    ),
    "phone": re.compile(
        r"(?<![\dA-Za-z])(?:(?:\+|00)86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)"
        r"|(?<![\dA-Za-z])0\d{2,3}[ -]?[2-9]\d{6,7}(?!\d)"
        r"|(?<![\dA-Za-z])\+[1-9]\d{0,2}(?:[ -]?\(?\d{2,4}\)?){2,5}(?!\d)"
    ),
    "position": re.compile(
        r"(?:我|本人)是[^，,。.；;！!？?\n]{1,30}的[^，,。.；;！!？?\n]{1,20}"
        r"|\bI(?: am|['’]m) (?:the|a|an) [^,.;!?\n]{1,40} (?:of|at|in|for) [^,.;!?\n]{1,60}"
    ),
    "name": re.compile(
        rf"(?:(?<=我叫)|(?<=姓名[:：])|(?<=联系人[:：])|(?<=举报人[:：])){_NAME_ZH}"
        rf"|(?:(?<=我是)|(?<=本人)){_SURE_NAME_ZH}"
        rf"|(?:(?<=[Mm]y name is )|(?<=\bName: )|(?<=\bname: )|(?<=I am called )){_NAME_EN}"
    ),
}
"""By kind, the surest first: of two that overlap the first stays."""


@dataclass(frozen=True, order=True)
class Passage:
    """A passage of a text: from `start` until before `end`, in characters."""

    start: int
    end: int
    kind: PassageKind


def find_passages(text: str) -> list[Passage]:
    """Return the passages of a text that may tell who wrote it, in their order and without overlaps."""
    found: list[Passage] = []
    for kind, pattern in _PATTERNS.items():
        for match in pattern.finditer(text):
            one = Passage(match.start(), match.end(), kind)
            if one.end > one.start and not any(one.start < other.end and other.start < one.end for other in found):
                found.append(one)
    return sorted(found)


@dataclass(frozen=True)
class Redacted:
    """Texts in which passages are replaced, and the passages by the name of the field that they are sealed in."""

    texts: Mapping[str, str | None]
    passages: Mapping[str, str]


def redact(texts: Mapping[str, str | None]) -> Redacted:
    """Replace every passage by its number, such as 〔已封存 1〕; the same passage has the same number in all texts.

    Args:
        texts: the texts of one report by member.
    """
    numbers: dict[str, int] = {}
    passages: dict[str, str] = {}
    changed: dict[str, str | None] = {}
    for member, text in texts.items():
        changed[member] = None if text is None else _replaced(text, numbers)
    for passage, number in numbers.items():
        field = f"{PASSAGE}{number}"
        passages[field] = f"{passages[field]}\n{passage}" if field in passages else passage
    return Redacted(changed, passages)


PASSAGE: Final = "passage_"
"""The beginning of the name of a field that holds a sealed passage."""


def placeholder(number: int) -> str:
    """Return what replaces a sealed passage in a text."""
    return f"〔已封存 {number}〕"


def passage_number(field: str) -> int | None:
    """Return the number of a sealed passage by the name of its field; None for a field of the contact."""
    return int(field.removeprefix(PASSAGE)) if field.startswith(PASSAGE) else None


def _replaced(text: str, numbers: dict[str, int]) -> str:
    parts, place = [], 0
    for one in find_passages(text):
        passage = text[one.start : one.end]
        number = numbers.setdefault(passage, min(len(numbers) + 1, MOST_PASSAGES))
        parts += [text[place : one.start], placeholder(number)]
        place = one.end
    return "".join([*parts, text[place:]])


SHORTEST_PASSAGE: Final = 2
"""Characters of the shortest passage that is marked later: a single one would blank the text."""

_PLACEHOLDER: Final = re.compile(r"(〔已封存 \d+〕)")


def read_passage(text: str, given: str | None, start: int | None, end: int | None) -> str:
    """Return the passage that somebody marks later.

    Args:
        text: the text of the report.
        given: the words of the passage; None where it is given by its place.
        start: its first character, from 0.
        end: the character after its last.

    Raises:
        RuleError: `document.missing`, `passage.outside`, `passage.too_short`, `passage.sealed_before`.
    """
    if given is None and (start is None or end is None):
        raise RuleError("document.missing", pointer="/text")
    if given is None and not 0 <= (start or 0) < (end or 0) <= len(text):
        raise RuleError("passage.outside", {"length": len(text)}, pointer="/end")
    passage = visible(text[start:end] if given is None else given).strip()
    if len(passage) < SHORTEST_PASSAGE:
        raise RuleError("passage.too_short", pointer="/text")
    if _PLACEHOLDER.search(passage):
        raise RuleError("passage.sealed_before", pointer="/text")
    return passage


def next_passage_number(fields: Collection[str]) -> int:
    """Return the number of the next sealed passage by the names of the fields that a report has."""
    return max((passage_number(one) or 0 for one in fields), default=0) + 1


def replace_passage(text: str, passage: str, number: int) -> str:
    """Replace a passage wherever it stands, except within what replaced an earlier one."""
    parts = _PLACEHOLDER.split(text)
    return "".join(one if index % 2 else one.replace(passage, placeholder(number)) for index, one in enumerate(parts))
