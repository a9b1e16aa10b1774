"""Sources of alerts and their trial as the API shows them."""

from typing import Any

from flask_babel import gettext

from incident.core.incidents.alert import Alert, Ignored
from incident.core.incidents.mapping import MappedItem
from incident.core.values.error_messages import fill, say
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment
from incident.data.source_presets import source_presets
from incident.sources import IGNORED_WORDS
from incident.store.directory.tokens import tokens_of_source
from incident.store.incidents.sources import AlertSource, AlertSourceVersion
from incident.web.api.document_parts import Document, moment


def own_source_document(row: AlertSource) -> Document:
    """Serialize an own source for the list."""
    return {
        "name": row.name,
        "product": None,
        "is_own": True,
        "is_active": row.is_active,
        "version": row.version,
        "created_at": format_moment(row.created_at),
        "changed_at": format_moment(row.changed_at),
    }


def program_source_document(name: str) -> Document:
    """Serialize a source that comes with the program, for the list."""
    preset = source_presets().get(name)
    facts = {"is_own": False, "is_active": True, "version": None, "created_at": None, "changed_at": None}
    return {"name": name, "product": None if preset is None else preset.product, **facts}


def source_document(listed: Document, mapping: dict[str, Any] | None) -> Document:
    """Serialize a source with its mapping and its tokens."""
    tokens = [
        {"id": token.id, "name": token.name, "created_at": format_moment(token.created_at)}
        for token in tokens_of_source(listed["name"])
    ]
    return {**listed, "mapping": mapping, "tokens": tokens}


def version_document(row: AlertSourceVersion) -> Document:
    """Serialize one version of a source."""
    return {
        "version": row.version,
        "mapping": row.mapping,
        "is_active": row.is_active,
        "put_at": format_moment(row.put_at),
        "put_by": row.put_by,
    }


def tried_document(item: MappedItem) -> Document:
    """Serialize what one part of a payload would become."""
    shown: Document = {"result": "unreadable", "alert": None, "reason": None, "faults": []}
    if isinstance(item, Alert):
        ended_at = moment(item.ended_at)
        return {**shown, "result": "alert", "alert": {**item.to_json(), "ended_at": ended_at}}
    if isinstance(item, Ignored):
        return {**shown, "result": "ignored", "reason": fill(gettext(IGNORED_WORDS[item.reason]), item.arguments)}
    return {**shown, "faults": [_fault(one) for one in item.faults]}


def _fault(fault: RuleError) -> Document:
    parts = [part.replace("~1", "/").replace("~0", "~") for part in fault.pointer.split("/")[1:]]
    detail = say(fault.code, fault.arguments, gettext)
    return {"pointer": fault.pointer, "field": ".".join(parts), "code": fault.code, "detail": detail}
