"""The layout of an official document: addressee, paragraphs, rows of a form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from incident.core.documents.kinds import DocumentField, DocumentKind, fill_places, only_place

BLANK: Final = "＿＿＿＿"
"""What stands for a value that is missing."""

HEADER_FIELDS: Final = ("addressee", "copies", "issuer")
"""Fields with a place of their own: 主送, 抄送 and the issuer's mark."""


@dataclass(frozen=True)
class Sheet:
    """The parts of a document in the order in which they stand.

    `rows` are the label and the value of each field of a form; other documents have `paragraphs`.
    """

    addressee: str
    copies: str
    issuer: str
    paragraphs: Sequence[str]
    rows: Sequence[tuple[str, str]]


def lay_out(kind: DocumentKind, values: Mapping[str, str]) -> Sheet:
    """Return the parts of a document.

    Args:
        kind: its kind.
        values: the values of its fields by key, bound ones and words.
    """
    header = {key: values.get(key, "") for key in HEADER_FIELDS}
    rows = [(one.label[kind.language], values.get(one.key, "")) for one in kind.fields if _is_row(one)]
    paragraphs = [line for text in kind.body for line in _lines(kind, text, values)]
    return Sheet(
        header["addressee"],
        header["copies"],
        header["issuer"],
        paragraphs,
        rows if kind.layout == "form" else (),
    )


def first_title(kind: DocumentKind, values: Mapping[str, str], limit: int) -> str:
    """Return the title that a new document begins with, cut to `limit` characters."""
    return fill_places(kind.heading, values, BLANK)[:limit]


def _is_row(one: DocumentField) -> bool:
    return one.key not in HEADER_FIELDS


def _lines(kind: DocumentKind, text: str, values: Mapping[str, str]) -> Sequence[str]:
    """Return the paragraphs of one text of the body; an optional field that is empty has none."""
    key = only_place(text)
    field = None if key is None else kind.field(key)
    if field is not None and not field.is_required and not values.get(field.key):
        return ()
    return [line for line in fill_places(text, values, BLANK).splitlines() if line.strip()]
