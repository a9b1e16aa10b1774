"""Kinds of official documents: their fields, the facts these are bound to, and their text."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

FACTS: Final = (
    "incident.number",
    "incident.title",
    "incident.category",
    "incident.grade",
    "incident.description",
    "incident.sector",
    "incident.region",
    "incident.systems",
    "incident.indicators",
    "incident.departments",
    "incident.occurred_at",
    "incident.detected_at",
    "incident.aware_at",
    "incident.handled_at",
    "document.cut_off",
)
"""The facts that a field can be bound to; `document.cut_off` is the moment of which they are."""

LONG_LIMIT: Final = 20_000
LINE_LIMIT: Final = 500
"""Characters of a field with and without line breaks."""

_PLACE: Final = re.compile(r"\{([a-z0-9_]+)\}")

Layout = Literal["official", "form"]


@dataclass(frozen=True)
class DocumentField:
    """A field of a kind: bound to a fact, or words that people write.

    `usual` are the words that a new document begins with; `choices` are the only values, where there are any.
    """

    key: str
    label: Mapping[str, str]
    fact: str | None = None
    usual: str = ""
    is_required: bool = False
    is_long: bool = False
    choices: Sequence[str] = ()

    @property
    def limit(self) -> int:
        """The maximum length in characters."""
        return LONG_LIMIT if self.is_long else LINE_LIMIT

    @property
    def pairs(self) -> Sequence[tuple[str, str]]:
        """The choices as values with their words, which are the same."""
        return [(one, one) for one in self.choices]


@dataclass(frozen=True)
class DocumentKind:
    """A kind of official document.

    `series` names the series of its numbers; `language` is that of its text. A `form` is laid out as a table of all
    fields; others have a `body` of paragraphs with places such as `{requirements}` for fields. `heading` is the title
    that a document begins with, with places for fields as well.
    """

    id: str
    title: Mapping[str, str]
    family: str
    series: str
    language: str
    layout: Layout
    heading: str
    needs_legal_review: bool
    is_upward: bool
    needs_service: bool
    fields: Sequence[DocumentField]
    body: Sequence[str]
    content_hash: str

    def field(self, key: str) -> DocumentField | None:
        """Return a field by its key."""
        return next((one for one in self.fields if one.key == key), None)

    @property
    def words(self) -> Sequence[DocumentField]:
        """The fields that people write."""
        return [one for one in self.fields if one.fact is None]


def read_kind(document: Mapping[str, Any], content_hash: str) -> DocumentKind:
    """Return the kind that a file of the program, or a stored version of one, describes.

    Args:
        document: its content.
        content_hash: SHA-256 of the file, in hexadecimal.

    Raises:
        ValueError: when it names an unknown fact, or has a place for a field that it lacks.
    """
    fields = tuple(DocumentField(**{**one, "choices": tuple(one.get("choices", ()))}) for one in document["fields"])
    kind = DocumentKind(
        id=document["id"],
        title=document["title"],
        family=document["family"],
        series=document["series"],
        language=document["language"],
        layout=document["layout"],
        heading=document["heading"],
        needs_legal_review=document.get("needs_legal_review", False),
        is_upward=document.get("is_upward", False),
        needs_service=document.get("needs_service", False),
        fields=fields,
        body=tuple(document.get("body", ())),
        content_hash=content_hash,
    )
    unknown = [one.fact for one in fields if one.fact is not None and one.fact not in FACTS]
    keys = {one.key for one in fields}
    places = {key for text in (kind.heading, *kind.body) for key in _PLACE.findall(text)}
    if unknown or places - keys or len(keys) < len(fields):
        raise ValueError(f"{kind.id}: unknown {unknown or sorted(places - keys) or 'key twice'}")
    return kind


def fill_places(text: str, values: Mapping[str, str], blank: str = "") -> str:
    """Return a text with the values of fields in its places.

    Args:
        text: the text of a kind.
        values: the values by key of the field.
        blank: what stands for a value that is missing.
    """
    return _PLACE.sub(lambda found: values.get(found[1]) or blank, text)


def only_place(text: str) -> str | None:
    """Return the key of the one place that a paragraph consists of, None for a paragraph with other words."""
    found = _PLACE.fullmatch(text)
    return None if found is None else found[1]
