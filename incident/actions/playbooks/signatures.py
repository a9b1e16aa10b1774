"""Present trust in signatures on playbooks, and whether a playbook without one may start."""

import dataclasses
import datetime as dt
from typing import Any

from sqlalchemy import Engine

from incident.core.cacao import Fault, PlaybookBundle
from incident.core.cacao.signing.trust import TrustResult, judge
from incident.store.db.database import db
from incident.store.playbooks.signers import list_signers

NEEDS_SIGNATURE = "incident_needs_signature"
"""Execution option of an application's engine: only playbooks with a trusted signature start in this instance."""


def demand(engine: Engine, is_needed: bool) -> None:
    """Set once, when the application is created, whether playbooks need a trusted signature to start."""
    engine.update_execution_options(**{NEEDS_SIGNATURE: is_needed})


def is_needed() -> bool:
    """Whether a playbook needs a trusted signature to start in this instance."""
    return bool(db.engine.get_execution_options().get(NEEDS_SIGNATURE, False))


def verdict_on(document: dict[str, Any], now: dt.datetime) -> TrustResult:
    """Verify the signatures on a playbook and judge them by the signers who are trusted now.

    The result is not stored: trust may be withdrawn, and a signature may expire, between import and start.

    Args:
        document: the exact document that will run.
        now: the moment (UTC).
    """
    return judge(document, [row.as_signer() for row in list_signers()] if document.get("signatures") else [], now)


def start_faults(bundle: PlaybookBundle, now: dt.datetime) -> list[Fault]:
    """Return the faults of missing trusted signatures on a playbook or one that it calls."""
    if not is_needed():
        return []
    playbooks = [bundle.main, *bundle.called.values()]
    return [fault for one in playbooks for fault in verdict_on(one.document, now).faults]


def import_warnings(document: dict[str, Any], now: dt.datetime) -> list[Fault]:
    """Return the warnings about signatures of an added playbook, including a missing one where it is required."""
    if not document.get("signatures") and not is_needed():
        return []
    return [dataclasses.replace(fault, severity="warning") for fault in verdict_on(document, now).faults]


def verdict_details(verdict: TrustResult) -> list[dict[str, Any]]:
    """Return the description of a playbook's signatures for the journal."""
    return [
        {
            "signee": one.signature.signee,
            "algorithm": one.signature.algorithm,
            "state": one.signature.state,
            "signer": None if one.signer is None else one.signer.name,
            "code": one.code,
        }
        for one in verdict.signatures
    ]
