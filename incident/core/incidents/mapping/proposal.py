"""Proposes the mapping of an unknown sender from one of its payloads, by the usual names of members."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from incident.core.incidents.indicator import guess_indicator
from incident.core.incidents.mapping.pointer import PayloadScope, parse_pointer
from incident.core.values.faults import RuleError, member

MAX_DEPTH: Final = 5
MAX_LEAVES: Final = 300
MAX_LABELS_PROPOSED: Final = 12
LABEL_VALUE: Final = 200
"""Longer texts are no labels."""

LISTS: Final = (
    "alerts",
    "incidents",
    "detections",
    "findings",
    "events",
    "results",
    "records",
    "items",
    "hits",
    "data",
)
TITLES: Final = (
    "title", "alertname", "rulename", "alarmname", "summary", "subject", "headline", "displayname", "eventname",
    "signature", "message", "msg", "text", "name", "标题", "告警名称", "事件名称", "名称", "description", "type",
)  # fmt: skip
IDENTITIES: Final = (
    "fingerprint", "alertid", "alarmid", "alertkey", "dedupkey", "incidentid", "detectionid", "findingid", "eventid",
    "告警编号", "事件编号", "编号", "id", "uuid", "guid", "key", "arn",
)  # fmt: skip
TITLE_ENDS: Final = ("title", "summary", "headline", "rulename", "alertname", "alarmname", "名称", "标题")
IDENTITY_ENDS: Final = ("alertid", "alarmid", "incidentid", "eventid", "编号", "uuid", "guid")
"""Where no member has a usual name, one that ends so, such as `ruleTitle`."""

DESCRIPTIONS: Final = ("description", "details", "detail", "message", "msg", "body", "text", "描述", "详情")
GRADES: Final = (
    "severity", "severitylabel", "severityname", "level", "risklevel", "risk", "threatlevel", "criticality", "priority",
    "urgency", "score", "级别", "等级", "严重程度", "告警级别", "风险等级",
)  # fmt: skip
TIMES: Final = (
    "startsat", "occurredat", "starttime", "eventtime", "detectedat", "detectiontime", "firstseen", "timestamp",
    "createdat", "created", "createtime", "time", "datetime", "date", "ts", "发生时间", "告警时间", "时间",
)  # fmt: skip
ENDS: Final = ("endsat", "endedat", "endtime", "resolvedat", "closedat", "recoverytime", "恢复时间", "结束时间")
STATES: Final = ("status", "state", "alertstate", "alertstatus", "eventstatus", "状态")
HOSTS: Final = ("host", "hostname", "computer", "device", "devicename", "instance", "agent", "主机", "设备")
COUNTS: Final = ("count", "total", "hits", "times", "occurrences", "eventcount", "lastseen", "updatedat", "次数")
RANKS: Final = ("priority", "urgency")
"""Numbers in these may count down: their words alone are taken."""

RESOLVED: Final = [
    "resolved",
    "ok",
    "closed",
    "cleared",
    "recovered",
    "normal",
    "inactive",
    "恢复*",
    "已恢复*",
    "关闭*",
]
WORDS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("critical", "fatal", "severe", "emergency", "high", "error", "major"), 2),
    **dict.fromkeys(("紧急", "危急", "严重", "高", "高危"), 2),
    **dict.fromkeys(("medium", "moderate", "warning", "warn", "minor", "中", "中危", "警告"), 3),
    **dict.fromkeys(("low", "info", "informational", "notice", "低", "低危", "提示"), 4),
}
"""As for the senders that are known: no severity alone makes an incident of grade I."""

KINDS: Final = frozenset({"ipv4", "ipv6", "url", "md5", "sha1", "sha256"})

_MOMENT = re.compile(r"\d{4}[-/.]\d\d?[-/.]\d\d?[T ]", re.ASCII)

Leaf = tuple[str, str, Any]
"""Pointer, name without case and punctuation, and value of a member that is neither object nor list."""


def propose_mapping(payload: object, alerts: str | None = None) -> dict[str, Any]:
    """Return the document of a mapping that fits a payload as far as its names tell; people correct it.

    Args:
        payload: values of JSON; of a list the first message counts.
        alerts: the place of the list of alerts, empty when the message is the alert; None to find it.

    Raises:
        RuleError: `document.not_an_object`, `mapping.list_missing`.
    """
    message = payload[0] if isinstance(payload, list) and payload else payload
    if not isinstance(message, dict):
        raise RuleError("document.not_an_object")
    place = _list_place(message) if alerts is None else alerts or None
    alert = message if place is None else _first_in(message, place)
    leaves = list(_leaves(alert, ""))[:MAX_LEAVES]
    title, identity = _find(leaves, TITLES) or _find_ending(leaves, TITLE_ENDS), _find(leaves, IDENTITIES)
    identity = identity or _find_ending(leaves, IDENTITY_ENDS)
    about = _find([leaf for leaf in leaves if leaf[0] != title], DESCRIPTIONS)
    taken = {title, identity, about}
    variant: dict[str, Any] = {
        "name": "alert",
        "alerts": place,
        "title": f"{{{title}}}" if title else "Alert",
        "description": f"{{{about}}}" if about else None,
        "status": _status(leaves),
        "fingerprint": identity or _identity_parts(leaves, title),
        "occurred_at": _template(_find(leaves, TIMES) or _first_moment(leaves)),
        "ended_at": _template(_find(leaves, ENDS)),
        "grade": _grade(leaves),
        "labels": _labels([leaf for leaf in leaves if leaf[0] not in taken and not _changes(leaf)]),
        "indicators": [pointer for pointer, _, value in leaves if _is_indicator(value)][:20],
    }
    return {"version": 1, "variants": [{name: value for name, value in variant.items() if value}]}


def _list_place(message: Mapping[str, Any]) -> str | None:
    """Return the place of the list of alerts; None where the message is the alert."""
    found = {
        pointer: name
        for pointer, name, value in _members(message, "", 3)
        if isinstance(value, list) and value and isinstance(value[0], dict)
    }
    named = [pointer for wanted in LISTS for pointer, name in found.items() if name == wanted]
    if named:
        return named[0]
    has_own = _find([leaf for leaf in _leaves(message, "") if leaf[0].count("/") == 1], (*TITLES, *IDENTITIES))
    return None if has_own else next(iter(found), None)


def _first_in(message: dict[str, Any], place: str) -> dict[str, Any]:
    found = parse_pointer(place).first(PayloadScope(message, message))
    first = found[0] if isinstance(found, list) and found else found
    if not isinstance(first, dict):
        raise RuleError("mapping.list_missing", {"list": place})
    return first


def _members(value: Mapping[str, Any], pointer: str, depth: int) -> Iterator[Leaf]:
    """Yield the members of an object and of the objects in it, the outer ones first."""
    objects = []
    for name, below in value.items():
        place = member(pointer, name)
        if not set("*{}") & set(name):
            yield place, re.sub(r"[\W_]", "", name).lower(), below
            objects.append((place, below))
    for place, below in objects:
        if isinstance(below, dict) and depth > 1:
            yield from _members(below, place, depth - 1)


def _leaves(value: Mapping[str, Any], pointer: str) -> Iterator[Leaf]:
    for leaf in _members(value, pointer, MAX_DEPTH):
        if isinstance(leaf[2], str | int | float) and leaf[2] != "":
            yield leaf


def _find(leaves: Sequence[Leaf], names: Sequence[str]) -> str | None:
    """Return the place of the member with the first of the names; of several, that of the outermost."""
    places = [(leaf[0].count("/"), names.index(leaf[1]), leaf[0]) for leaf in leaves if leaf[1] in names]
    return min(places, key=lambda one: (one[1], one[0]))[2] if places else None


def _find_ending(leaves: Sequence[Leaf], ends: Sequence[str]) -> str | None:
    places = [(leaf[0].count("/"), leaf[0]) for leaf in leaves if leaf[1].endswith(tuple(ends))]
    return min(places, key=lambda one: one[0])[1] if places else None


def _first_moment(leaves: Sequence[Leaf]) -> str | None:
    """Return the place of the first date that is no end and no update."""
    taken = {*ENDS, *COUNTS}
    dates = (leaf[0] for leaf in leaves if leaf[1] not in taken and _is_moment(leaf[2]))
    return next(dates, None)


def _is_moment(value: object) -> bool:
    return isinstance(value, str) and _MOMENT.match(value) is not None


def _template(pointer: str | None) -> str | None:
    return None if pointer is None else f"{{{pointer}}}"


def _identity_parts(leaves: Sequence[Leaf], title: str | None) -> list[list[str]] | None:
    """Return title and host together, else one of them, for a sender that names nothing."""
    parts = [place for place in (title, _find(leaves, HOSTS)) if place]
    return [list(dict.fromkeys(parts))] if parts else None


def _status(leaves: Sequence[Leaf]) -> dict[str, Any] | None:
    place = _find(leaves, STATES)
    return None if place is None else {"pointer": place, "resolved": RESOLVED}


def _grade(leaves: Sequence[Leaf]) -> dict[str, Any] | None:
    place = _find(leaves, GRADES)
    if place is None:
        return None
    name, value = next((leaf[1], leaf[2]) for leaf in leaves if leaf[0] == place)
    number = _number(value)
    if number is None or name in RANKS:
        return {"pointer": place, "words": dict(WORDS)}
    high, medium = (70, 40) if number > 15 else (7, 4)
    return {
        "pointer": place,
        "steps": [{"least": least, "grade": to} for least, to in ((high, 2), (medium, 3), (0, 4))],
    }


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _changes(leaf: Leaf) -> bool:
    """Whether a member differs between reports of one alert; as a label it would make each of them news."""
    name, value = leaf[1], leaf[2]
    is_named = name in COUNTS or name in STATES or name.endswith(("time", "timestamp", "时间"))
    return is_named or name in TIMES or _is_moment(value)


def _labels(leaves: Sequence[Leaf]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pointer, _, value in leaves:
        if len(str(value)) <= LABEL_VALUE:
            found.setdefault(pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~"), pointer)
    return {name: pointer for name, pointer in list(found.items())[:MAX_LABELS_PROPOSED] if name.strip()}


def _is_indicator(value: object) -> bool:
    try:
        return isinstance(value, str) and guess_indicator(value).kind in KINDS
    except RuleError:
        return False
