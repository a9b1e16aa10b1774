"""Request fields: a rule of core checks each value, and its fault is reported with the location."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from marshmallow import ValidationError, fields

from incident.core.duty.daytime import read_span
from incident.core.incidents.category import require_category
from incident.core.incidents.grade import require_grade
from incident.core.incidents.incident import TLP_LEVELS, require_tlp
from incident.core.incidents.indicator import MAX_INDICATORS, read_indicators
from incident.core.values.affiliation import AREA_LIMIT, require_area
from incident.core.values.faults import RuleError
from incident.core.values.identifier import CODE_LIMIT, require_code
from incident.core.values.moment import parse_moment, require_moment
from incident.core.values.text import require_text
from incident.web.api import shapes
from incident.web.api.plain import require_plain
from incident.web.http.paging import MAX_INTEGER
from incident.web.instance import current_instance, now


class Coded(str):
    """A validation message that is a fault of core: the text is its code."""

    fault: RuleError

    def __new__(cls, fault: RuleError) -> "Coded":
        """Store the fault with its code."""
        made = super().__new__(cls, fault.code)
        made.fault = fault
        return made


CODES: Final[dict[str, str | list[Any] | dict[Any, Any]]] = {
    "required": "document.missing",
    "null": "document.is_null",
    "validator_failed": "document.does_not_fit",
}


class _Checked(fields.Field[Any]):
    """A field whose value a rule checks; `None` is only accepted where it says so."""

    default_error_messages = CODES

    def check(self, value: Any) -> Any:
        """Return the value in its stored form; raise RuleError when a rule refuses it."""
        raise RuleError("document.does_not_fit")

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        try:
            return self.check(value)
        except RuleError as fault:
            raise ValidationError([Coded(one) for one in fault.all]) from fault


class Text(_Checked, fields.String):
    """A text without control characters that is not empty.

    Args:
        limit: the maximum length in characters.
        is_line: refuse line breaks, and strip surrounding white space.
    """

    def __init__(self, limit: int, *, is_line: bool = False, may_be_empty: bool = False, **kwargs: Any) -> None:
        metadata = {"maxLength": limit} | ({} if may_be_empty else {"minLength": 1}) | kwargs.pop("metadata", {})
        super().__init__(metadata=metadata, **kwargs)
        self.limit, self.is_line, self.may_be_empty = limit, is_line, may_be_empty

    def check(self, value: Any) -> str:
        """Return the text."""
        if not isinstance(value, str) or not (value.strip() or self.may_be_empty):
            raise RuleError("document.not_a_text")
        found = require_text(value.strip() if self.is_line else value, self.limit)
        if self.is_line and len(found.splitlines()) > 1:
            raise RuleError("text.not_one_line")
        return found


class Choice(_Checked, fields.String):
    """One of a fixed set of words."""

    def __init__(self, choices: tuple[str, ...], **kwargs: Any) -> None:
        named = [*choices, None] if kwargs.get("allow_none") else list(choices)
        super().__init__(metadata={"enum": named} | kwargs.pop("metadata", {}), **kwargs)
        self.choices = choices

    def check(self, value: Any) -> str:
        """Return the word."""
        if isinstance(value, str) and value in self.choices:
            return value
        raise RuleError("document.not_a_choice", {"choices": ", ".join(self.choices)})


class Number(_Checked, fields.Integer):
    """A whole number within bounds; a number written as text is only accepted in an address.

    Args:
        least: the minimum.
        most: the maximum.
        is_written: the value is in the address, as text.
    """

    def __init__(self, least: int, most: int, *, is_written: bool = False, **kwargs: Any) -> None:
        metadata = {"minimum": least, "maximum": most} | kwargs.pop("metadata", {})
        super().__init__(metadata=metadata, **kwargs)
        self.least, self.most, self.is_written = least, most, is_written

    def check(self, value: Any) -> int:
        """Return the number."""
        if self.is_written and isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise RuleError("document.not_a_number")
        if not self.least <= value <= self.most:
            raise RuleError("document.out_of_bounds", {"least": self.least, "most": self.most})
        return value


class Truth(_Checked, fields.Boolean):
    """true or false; values that resemble them are refused."""

    def check(self, value: Any) -> bool:
        """Return the boolean."""
        if isinstance(value, bool):
            return value
        raise RuleError("document.not_a_truth")


class Ruled(_Checked, fields.String):
    """A text that one rule of core accepts or refuses."""

    def __init__(self, rule: Callable[[object], Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rule = rule

    def check(self, value: Any) -> Any:
        """Return the result of the rule."""
        return self.rule(value)


def category(**kwargs: Any) -> Ruled:
    """Return a field for a category."""
    return Ruled(require_category, metadata={"minLength": 1, "maxLength": 60, "example": "MPRANS"}, **kwargs)


def area(example: str, **kwargs: Any) -> Ruled:
    """Return a field for a sector, a region or a campaign."""
    return Ruled(require_area, metadata={"minLength": 1, "maxLength": AREA_LIMIT, "example": example}, **kwargs)


def code(**kwargs: Any) -> Ruled:
    """Return a field for the code of a department."""
    return Ruled(require_code, metadata={"minLength": 1, "maxLength": CODE_LIMIT, "example": "CERT"}, **kwargs)


def tlp(**kwargs: Any) -> Ruled:
    """Return a field for a level of TLP 2.0."""
    return Ruled(require_tlp, metadata={"enum": list(TLP_LEVELS)}, **kwargs)


class Read(_Checked, fields.Dict):
    """An object that one rule of core parses and converts to its stored form."""

    def __init__(self, read: Callable[[object], Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.read = read

    def check(self, value: Any) -> dict[str, Any]:
        """Return the object in its stored form."""
        kept: dict[str, Any] = self.read(value).to_json()
        return kept


def hours(**kwargs: Any) -> Read:
    """Return a field for a part of each day, `{from, until}`."""
    metadata = {"example": {"from": "09:00", "until": "17:30"}, **shapes.SPAN}
    return Read(read_span, metadata=metadata, **kwargs)


class Grade(_Checked, fields.Integer):
    """A severity grade, 1 (gravest) to 4."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"minimum": 1, "maximum": 4}, **kwargs)

    def check(self, value: Any) -> int:
        """Return the grade; in an address it is written as text."""
        return require_grade(int(value) if isinstance(value, str) and value in ("1", "2", "3", "4") else value)


class Moment(_Checked, fields.DateTime):
    """A moment in RFC 3339, not before 2000 and at most a day ahead."""

    def check(self, value: Any) -> dt.datetime:
        """Return the moment in UTC."""
        return require_moment(parse_moment(value), now())


class LaterMoment(Moment):
    """A moment in RFC 3339 that may be far ahead; a rule bounds it."""

    def check(self, value: Any) -> dt.datetime:
        """Return the moment in UTC."""
        return parse_moment(value)


class Bound(_Checked, fields.String):
    """A moment, or a day on the calendar of the instance, that bounds a list.

    Args:
        is_end: a day means its end instead of its beginning.
    """

    def __init__(self, *, is_end: bool = False, **kwargs: Any) -> None:
        super().__init__(metadata={"example": "2026-11-01"} | kwargs.pop("metadata", {}), **kwargs)
        self.is_end = is_end

    def check(self, value: Any) -> dt.datetime:
        """Return the moment in UTC."""
        if not isinstance(value, str) or len(value) != len("2026-11-01"):
            return parse_moment(value)
        try:
            day = dt.date.fromisoformat(value) + dt.timedelta(days=self.is_end)
            return dt.datetime.combine(day, dt.time(), current_instance().settings.zone).astimezone(dt.UTC)
        except (ValueError, OverflowError) as error:
            raise RuleError("moment.malformed", {"example": "2026-11-01"}) from error


class Items(_Checked, fields.List[Any]):
    """A list without duplicates whose items one field checks."""

    def __init__(self, item: _Checked, most: int, **kwargs: Any) -> None:
        super().__init__(item, metadata={"maxItems": most} | kwargs.pop("metadata", {}), **kwargs)
        self.item, self.most = item, most

    def check(self, value: Any) -> list[Any]:
        """Return the items; raise the faults of all of them, each with its location."""
        if not isinstance(value, list) or len(value) > self.most:
            raise RuleError("document.not_a_list", {"most": self.most})
        found, faults = [], []
        for index, one in enumerate(value):
            try:
                found.append(self.item.check(one))
            except RuleError as fault:
                faults += [_moved(each, f"/{index}") for each in fault.all]
        if faults:
            faults[0].others = tuple(faults[1:])
            raise faults[0]
        return list(dict.fromkeys(found))


def _moved(fault: RuleError, place: str) -> RuleError:
    return RuleError(fault.code, fault.arguments, pointer=f"{place}{fault.pointer}", kind=fault.kind)


def codes(**kwargs: Any) -> Items:
    """Return a field for the codes of departments."""
    return Items(code(), 100, **kwargs)


def login(description: str) -> Text:
    """Return a field for the login of a person, null for nobody."""
    return Text(200, is_line=True, allow_none=True, metadata={"description": description})


def logins(**kwargs: Any) -> Items:
    """Return a field for the logins of people."""
    return Items(Text(200, is_line=True), 100, **kwargs)


def ids(**kwargs: Any) -> Items:
    """Return a field for row ids."""
    return Items(Number(1, MAX_INTEGER), 100, **kwargs)


class Indicators(_Checked, fields.List[Any]):
    """Indicators: plain texts whose kind is detected from their form, or `{kind, value}`."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"maxItems": MAX_INDICATORS, "example": ["203.0.113.7", {"kind": "account", "value": "li.wei"}]}
        super().__init__(fields.Raw(metadata=shapes.INDICATOR), metadata=metadata, **kwargs)

    def check(self, value: Any) -> list[Any]:
        """Return the indicators in their canonical form."""
        return list(read_indicators(value))


class Values(_Checked, fields.Dict):
    """Values of variables by name: any JSON within the limits of depth and size."""

    def check(self, value: Any) -> dict[str, Any]:
        """Return the values."""
        if not isinstance(value, dict):
            raise RuleError("document.not_an_object")
        require_plain(value)
        return value
