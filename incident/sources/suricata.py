"""Alerts of Suricata in its EVE output: one object, or one object per line.

Only lines of event_type `alert` are alerts; the others are ignored, with a reason. A fingerprint identifies a rule (gid
and sid, whatever its revision) between two hosts (source and destination, in that order, whatever their ports), so that
the same attack on the same host is one incident however many connections it takes, and on another host another one.
Ports and flow are only in the description: they differ each time and are not news.

Suricata's severity 1 to 4 (1 the gravest) maps to the grades II, III, IV and IV: no rule alone makes one of grade I.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from incident.core.incidents.alert import Alert, Ignored, fingerprint_of
from incident.core.values.document import Reader
from incident.core.values.faults import RuleError, member
from incident.core.values.moment import EARLIEST, parse_moment
from incident.sources.doubled import has_doubled
from incident.sources.payload import (
    Broken,
    Item,
    Source,
    decode_lines,
    each_by_itself,
    require_few,
    seen_indicators,
    unread,
)

GRADES: Final[Mapping[int, int]] = {1: 2, 2: 3, 3: 4, 4: 4}


def parse_text(body: bytes) -> list[Item]:
    """Return the content of the EVE output in order; raises RuleError when there is nothing to read."""
    return parse(decode_lines(body))


def parse(payload: object) -> list[Item]:
    """Return the content of one EVE object, or a list of them, in order.

    An unreadable one of several is kept as received and does not affect the others. Raises RuleError with every fault
    when there is only one.
    """
    if isinstance(payload, list):
        return [_one_of_many(item) for item in require_few(payload)]
    if has_doubled(payload):
        return [unread(SOURCE.name, payload)]
    reader = Reader()
    found = _item(reader, payload)
    reader.finish()
    return [found]


def _one_of_many(item: object) -> Item:
    return unread(SOURCE.name, item.text) if isinstance(item, Broken) else each_by_itself(SOURCE.name, item, _item)


def _item(reader: Reader, value: object) -> Item:
    pointer = ""
    event = reader.members(value, pointer)
    kind = event.get("event_type")
    if not isinstance(kind, str):
        reader.fault("document.missing" if kind is None else "document.not_a_text", member(pointer, "event_type"))
    if kind != "alert":
        return Ignored("not_an_alert", {"event_type": kind})
    facts = reader.members(event.get("alert"), member(pointer, "alert"))
    rule = _number(reader, facts.get("signature_id"), f"{pointer}/alert/signature_id")
    return _alert(event, facts, f"{_gid(facts)}:{rule}")


def _number(reader: Reader, value: object, pointer: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    reader.fault("document.not_a_number", pointer)
    return 0


def _gid(facts: Mapping[str, Any]) -> int:
    gid = facts.get("gid")
    return gid if isinstance(gid, int) else 1


def _alert(event: Mapping[str, Any], facts: Mapping[str, Any], rule: str) -> Alert:
    severity = facts.get("severity")
    return Alert(
        source=SOURCE.name,
        fingerprint=fingerprint_of(rule, str(event.get("src_ip")), str(event.get("dest_ip"))),
        title=_text(facts.get("signature")) or f"Suricata {rule}",
        grade=GRADES.get(severity) if isinstance(severity, int) else None,
        labels=dict(_labels(event, facts, rule)),
        occurred_at=_moment(event.get("timestamp")),
        indicators=seen_indicators(_candidates(event)),
        description=_description(event),
        payload=event,
    )


def _labels(event: Mapping[str, Any], facts: Mapping[str, Any], rule: str) -> Iterator[tuple[str, str]]:
    yield from zip(("gid", "signature_id"), rule.split(":"), strict=True)
    told = {name: event.get(name) for name in ("src_ip", "dest_ip", "proto", "app_proto", "host", "in_iface")}
    told |= {"classification": facts.get("category"), "action": facts.get("action"), "severity": facts.get("severity")}
    for name, value in told.items():
        if text := _text(value):
            yield name, text


def _candidates(event: Mapping[str, Any]) -> Iterator[tuple[str | None, object]]:
    yield from ((None, event.get(name)) for name in ("src_ip", "dest_ip"))
    http = _part(event, "http")
    host, path = http.get("hostname"), http.get("url")
    yield None, host
    if isinstance(host, str) and isinstance(path, str):
        yield "url", path if "://" in path else f"http://{host}{path}"
    yield "domain", _part(event, "tls").get("sni")
    yield "domain", _part(event, "dns").get("rrname")
    for file in (_part(event, "fileinfo"), *_parts(event.get("files"))):
        yield from ((kind, file.get(kind)) for kind in ("sha256", "sha1", "md5"))
    for query in _parts(_part(event, "dns").get("query")):
        yield "domain", query.get("rrname")


def _description(event: Mapping[str, Any]) -> str:
    ends = [f"{_text(event.get(f'{end}_ip'))}:{_text(event.get(f'{end}_port'))}".rstrip(":") for end in ("src", "dest")]
    flow = f"flow {flow_id}" if (flow_id := _text(event.get("flow_id"))) else ""
    return " ".join(filter(None, (_text(event.get("proto")), " → ".join(filter(None, ends)), flow)))


def _moment(value: object) -> datetime | None:
    try:
        at = parse_moment(value)
    except RuleError:
        return None
    return at if at >= EARLIEST else None


def _part(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = event.get(name)
    return part if isinstance(part, dict) else {}


def _parts(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


SOURCE: Final = Source("suricata", parse, decode_lines)
