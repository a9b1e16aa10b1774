"""Sources of alerts and their trial as the API shows them."""

from typing import Any

from flask_babel import gettext

from incident.actions.incidents.signatures import PutSignature
from incident.core.incidents.alert import Alert, Ignored
from incident.core.incidents.mapping import MappedItem
from incident.core.incidents.signatures.scheme import read_scheme, scheme_name
from incident.core.values.error_messages import fill, say
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment
from incident.data.source_presets import source_presets
from incident.sources import IGNORED_WORDS
from incident.store.directory.tokens import tokens_of_source
from incident.store.incidents.signatures import SourceSignature, source_signature
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
    """Serialize a source with its mapping, its tokens and its signature."""
    tokens = [
        {"id": token.id, "name": token.name, "created_at": format_moment(token.created_at)}
        for token in tokens_of_source(listed["name"])
    ]
    signature = source_signature(listed["name"])
    shown = None if signature is None else sender_signature(signature)
    return {**listed, "mapping": mapping, "tokens": tokens, "signature": shown}


def sender_signature(row: SourceSignature) -> Document:
    """Serialize how requests of a source are signed, without the secret."""
    scheme = read_scheme(row.scheme)
    return {
        "name": scheme_name(scheme),
        "scheme": scheme.to_json(),
        "is_token_needed": row.is_token_needed,
        "old_secret_ends_at": moment(row.old_secret_ends_at),
        "changed_at": format_moment(row.changed_at),
    }


def put_sender_signature(put: PutSignature) -> Document:
    """Serialize a signature that was put, with the secret that was generated."""
    return sender_signature(put.row) | {"secret": put.secret}


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


def tried_signature(fault: RuleError | None) -> Document:
    """Serialize whether the signature of a tried request is right, and why not."""
    if fault is None:
        return {"is_right": True, "code": None, "detail": None}
    return {"is_right": False, "code": fault.code, "detail": say(fault.code, fault.arguments, gettext)}


def _fault(fault: RuleError) -> Document:
    parts = [part.replace("~1", "/").replace("~0", "~") for part in fault.pointer.split("/")[1:]]
    detail = say(fault.code, fault.arguments, gettext)
    return {"pointer": fault.pointer, "field": ".".join(parts), "code": fault.code, "detail": detail}
