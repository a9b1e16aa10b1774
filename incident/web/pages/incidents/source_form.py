"""The form of a source: a sample, and its mapping as fields and as JSON, which both show the same."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from incident.core.incidents.mapping import MappedItem, check_mapping
from incident.core.incidents.mapping.form import MappingForm, TimeFields, Words, write_mapping
from incident.core.incidents.mapping.form_reading import read_mapping_form
from incident.core.incidents.mapping.places import PayloadPlace, lists_in, places_in
from incident.core.incidents.mapping.preview import MappingPreview, preview_form
from incident.core.incidents.mapping.proposal import propose_mapping
from incident.core.incidents.source import moved_faults
from incident.core.values.faults import RuleError
from incident.sources import try_source
from incident.sources.payload import decode_json, decode_lines
from incident.web.instance import now


@dataclass
class SourceForm:
    """What somebody typed on the page of a source.

    `mapping` is the JSON as typed; `fields` are None where the JSON says what they cannot. The marks are the digests of
    both as the page showed them last: they tell which one was changed, and both together are `is_disputed`.
    """

    name: str = ""
    sample: str = ""
    mapping: str = ""
    version: str = ""
    is_active: bool = True
    fields: MappingForm | None = None
    mapping_mark: str = ""
    fields_mark: str = ""
    is_disputed: bool = False
    tried: list[MappedItem] = field(default_factory=list)

    def propose(self, alerts: str | None = None) -> None:
        """Propose the mapping of the sample, with the list of alerts at a place."""
        try:
            self.show(propose_mapping(decode_lines(self.sample.encode()), alerts))
        except RuleError as fault:
            raise moved_faults(fault, "sample") from fault

    def settle(self, choice: str | None) -> dict[str, Any]:
        """Return the mapping, of fields or JSON, whichever was changed.

        Args:
            choice: `use_fields` or `use_json`, where both were changed.

        Raises:
            RuleError: `mapping.both_changed`, or with every fault of the mapping.
        """
        if self.fields is None and not self.mapping.strip():
            raise RuleError("mapping.none", pointer="/mapping")
        is_json_changed = mark_of(self.mapping.strip()) != self.mapping_mark
        are_fields_changed = self.fields is not None and mark_of(repr(self.fields)) != self.fields_mark
        self.is_disputed = is_json_changed and are_fields_changed and choice not in ("use_fields", "use_json")
        if self.is_disputed:
            raise RuleError("mapping.both_changed", pointer="/mapping")
        if self.fields is not None and are_fields_changed and choice != "use_json":
            document = write_mapping(self.fields)
        else:
            document = self._decoded()
        self.show(document)
        return document

    def _decoded(self) -> dict[str, Any]:
        mapping = decode_json(self.mapping.encode(), "/mapping")
        check_mapping(mapping, "/mapping")
        return dict(mapping)  # type: ignore[call-overload,no-any-return]

    def show(self, document: dict[str, Any]) -> None:
        """Show a mapping as fields and as JSON."""
        self.mapping = written(document)
        self.fields = read_mapping_form(document)
        self.mapping_mark, self.fields_mark = mark_of(self.mapping), mark_of(repr(self.fields))

    def try_sample(self) -> None:
        """Read the sample as alerts; a fault names the field at which it is corrected."""
        mapping = check_mapping(json.loads(self.mapping))
        try:
            self.tried = try_source(self.name.strip() or "mapping", mapping, self.sample.encode(), now())
        except RuleError as fault:
            raise moved_faults(fault, "sample") from fault

    def preview(self) -> MappingPreview:
        """Return what each target reads from the sample."""
        payload = self._payload()
        return MappingPreview() if self.fields is None else preview_form(self.fields, payload, now())

    def places(self) -> list[PayloadPlace]:
        """Return the places of the sample."""
        return places_in(self._payload(), self.fields.alerts if self.fields else "")

    def lists(self) -> list[PayloadPlace]:
        """Return the lists of objects in the sample."""
        return lists_in(self._payload())

    def _payload(self) -> object:
        try:
            return decode_lines(self.sample.encode()) if self.sample.strip() else None
        except RuleError:
            return None


def written(document: dict[str, Any]) -> str:
    """Return a mapping as people read it."""
    return json.dumps(document, ensure_ascii=False, indent=2)


def mark_of(text: str) -> str:
    """Return the digest of a text, whatever ends its lines."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode("utf-8", "replace")).hexdigest()[:32]


def form_of_document(name: str, document: dict[str, Any], version: int, is_active: bool) -> SourceForm:
    """Return the form that shows a stored mapping."""
    made = SourceForm(name=name, version=str(version), is_active=is_active)
    made.show(document)
    return made


def typed_form(name: str | None) -> SourceForm:
    """Return what the request's form contains; `name` is that of a stored source."""
    given = request.form
    return SourceForm(
        name=given.get("name", "") if name is None else name,
        sample=given.get("sample", ""),
        mapping=given.get("mapping", ""),
        version=given.get("version", ""),
        is_active=name is None or given.get("is_active") == "1",
        fields=typed_fields(given) if "grade" in given else None,
        mapping_mark=given.get("mapping_mark", ""),
        fields_mark=given.get("fields_mark", ""),
    )


def typed_fields(given: MultiDict[str, str]) -> MappingForm:
    """Return the fields of a mapping as typed, without empty rows."""
    return MappingForm(
        name=given.get("variant", "").strip() or "alert",
        alerts=given.get("alerts", "").strip(),
        title=_texts(given, "title"),
        description=_texts(given, "description"),
        status=given.get("status", "").strip(),
        resolved=given.get("resolved", "").strip(),
        firing=given.get("firing", "").strip(),
        fingerprint=tuple(filter(None, map(str.strip, given.getlist("fingerprint")))),
        occurred_at=_time(given, "occurred_at"),
        ended_at=_time(given, "ended_at"),
        grade=given.get("grade", "").strip(),
        grade_words=_four(given.getlist("grade_words")),
        grade_from=_four(given.getlist("grade_from")),
        category=given.get("category", "").strip(),
        category_words=_rows(given, "category_words", "category_codes"),
        labels=_rows(given, "label_names", "labels"),
        indicators=tuple(row for row in _rows(given, "indicators", "indicator_kinds") if row[0]),
    )


def _rows(given: MultiDict[str, str], first: str, second: str) -> tuple[tuple[str, str], ...]:
    pairs = zip_longest(given.getlist(first), given.getlist(second), fillvalue="")
    return tuple((one.strip(), two.strip()) for one, two in pairs if one.strip() or two.strip())


def _four(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value.strip() for value in [*values, "", "", "", ""][:4])


def _texts(given: MultiDict[str, str], name: str) -> tuple[Words, ...]:
    """Return the rows of places and texts; of a row with both, the one that was changed counts."""
    lists = (given.getlist(f"{name}{part}") for part in ("", "_text", "_was"))
    rows = (_changed(*(one.strip() for one in row)) for row in zip_longest(*lists, fillvalue=""))
    return tuple(row for row in rows if any(row))


def _changed(place: str, text: str, was: str) -> Words:
    return (place, "") if place and (place != was or not text) else ("", text)


def _time(given: MultiDict[str, str], name: str) -> TimeFields:
    words = next(iter(_texts(given, name)), ("", ""))
    return TimeFields(words, given.get(f"{name}_format", "any") or "any", given.get(f"{name}_offset", "").strip())
