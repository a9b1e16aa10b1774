"""What is printed of an official document: every text in its place, the same for HTML, PDF and word processors."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from incident.core.documents.content import DocumentContent
from incident.core.documents.kinds import DocumentKind
from incident.core.documents.layout import BLANK, lay_out
from incident.core.values.text import is_plain, one_line, paragraphs

TEXT_LIMIT: Final = 1_000_000
"""Characters of one text: kinds limit their fields long before."""

MARKING_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {"internal": "内部", "work_secret": "工作秘密"},
    "en": {"internal": "Internal", "work_secret": "Work secret"},
}
URGENCY_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {"urgent": "加急", "most_urgent": "特急"},
    "en": {"urgent": "Urgent", "most_urgent": "Most urgent"},
}
PAPER_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "draft": "草稿",
        "void": "作废",
        "drill": "演练",
        "number": "（编号于签发时取得）",
        "date": "（签发日期）",
        "signer": "签发人",
        "signed_on": "签发日期",
        "copies": "抄送",
        "printed": "印发",
        "colon": "：",
    },
    "en": {
        "draft": "DRAFT",
        "void": "VOID",
        "drill": "EXERCISE 演练",
        "number": "(numbered at the signature)",
        "date": "(date of the signature)",
        "signer": "Signed by",
        "signed_on": "Date",
        "copies": "Copies",
        "printed": "issued",
        "colon": ":",
    },
}
"""Words of the paper itself, in the language of the document."""

HEADING_LIMIT: Final = 40
_LEVELS: Final = (re.compile("[一二三四五六七八九十]{1,3}、"), re.compile("（[一二三四五六七八九十]{1,3}）"))


@dataclass(frozen=True)
class SignedWith:
    """What the signature added: the number, the name of who signed, and the day in the words of the document."""

    number: str = ""
    signer: str = ""
    day: str = ""


@dataclass(frozen=True)
class Paper:
    """A document as it is printed; empty texts have no place on it.

    `paragraphs` are pairs of the level (0 text, 1 一、, 2 （一）) and the text; `rows` labels and values of a form.
    `stamp` says that it is a draft or void; `signatory` is 签发人, beside the number of a document to superiors.
    """

    language: str
    layout: str
    title: str
    issuer: str
    mark: str
    number: str
    signatory: str
    addressee: str
    paragraphs: Sequence[tuple[int, str]]
    rows: Sequence[tuple[str, str]]
    day: str
    copies: str
    printed: Sequence[str]
    marking: str
    urgency: str
    drill: str
    stamp: str

    @property
    def words(self) -> Mapping[str, str]:
        """The words of the paper itself."""
        return PAPER_WORDS[self.language]


def make_paper(kind: DocumentKind, content: DocumentContent, signed: SignedWith | None, *, is_void: bool) -> Paper:
    """Return a document as it is printed.

    Args:
        kind: its kind, at the version with which it was drafted.
        content: its content.
        signed: what the signature added; None before it.
        is_void: whether it is void.
    """
    words, sheet = PAPER_WORDS[kind.language], lay_out(kind, {**content.words, **content.facts})
    given = signed or SignedWith()
    is_official, issuer = kind.layout == "official", _line(sheet.issuer)
    return Paper(
        language=kind.language,
        layout=kind.layout,
        title=_line(content.title),
        issuer=issuer or (BLANK if is_official else ""),
        mark="文件" if kind.family in ("upward", "downward") else "",
        number=_line(given.number) or words["number"],
        signatory=(_line(given.signer) or "＿＿＿") if kind.is_upward else "",
        addressee=_line(sheet.addressee),
        paragraphs=[(_level(text), text) for text in map(_line, sheet.paragraphs) if text],
        rows=[] if is_official else _rows(kind, sheet.rows, issuer, _line(sheet.addressee), signed),
        day=given.day or words["date"],
        copies=_line(sheet.copies),
        printed=(issuer, given.day) if is_official and kind.language == "zh" and signed is not None else (),
        marking=MARKING_WORDS[kind.language].get(content.marking, ""),
        urgency=URGENCY_WORDS[kind.language].get(content.urgency, ""),
        drill=words["drill"] if content.is_drill else "",
        stamp=words["void"] if is_void else "" if signed is not None else words["draft"],
    )


def paper_document(paper: Paper) -> str:
    """Return a paper as canonical JSON, which is what the compilers of files are given."""
    members: dict[str, Any] = asdict(paper) | {"words": dict(paper.words)}
    return json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def paper_hash(document: str) -> str:
    """Return the SHA-256 of a paper in canonical JSON, in hexadecimal."""
    return hashlib.sha256(document.encode()).hexdigest()


def _rows(
    kind: DocumentKind, rows: Sequence[tuple[str, str]], issuer: str, addressee: str, signed: SignedWith | None
) -> list[tuple[str, str]]:
    """Return the rows of a form: who writes to whom, its fields, and the signature."""
    words, blank = PAPER_WORDS[kind.language], "" if signed is None else "—"
    header = {"issuer": issuer, "addressee": addressee}
    labels = {key: one.label[kind.language] for key in header if (one := kind.field(key)) is not None}
    named = [(label, header[key]) for key, label in labels.items() if header[key]]
    given = signed or SignedWith()
    last = [(words["signer"], _line(given.signer)), (words["signed_on"], given.day)]
    return [*named, *((label, _lines(value) or blank) for label, value in rows), *last]


def _level(text: str) -> int:
    """Return the level of a heading by its number; a sentence that begins with one is text."""
    if len(text) > HEADING_LIMIT or text.endswith(("。", "；", "，")):
        return 0
    return next((level for level, form in enumerate(_LEVELS, 1) if form.match(text)), 0)


def _line(text: str) -> str:
    """Return a text on one line without what is not seen: control characters, direction marks."""
    return one_line(text, TEXT_LIMIT) if text else ""


def _lines(text: str) -> str:
    found = paragraphs(text, TEXT_LIMIT).replace("\t", " ")
    return found if is_plain(found) else ""
