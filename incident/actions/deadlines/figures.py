"""Confirming figures of rule sets and regimes against the text that they come from."""

import datetime as dt
from typing import Any, Final

from incident.actions.rule_set_versions import own_rules
from incident.actions.unit_of_work import IdempotentRequest, transaction
from incident.core.deadlines.figures import Figure, unverified_figures
from incident.core.operations.approval import approver_of
from incident.core.values.faults import RuleError
from incident.data.grading_rules import shipped_rule_sets
from incident.data.reporting_regimes import shipped_regimes
from incident.store.db.database import advisory_lock, db
from incident.store.deadlines.figures import FigureConfirmation, confirmation_of

READ_IN_LIMIT: Final = 1_000


def figures_to_check() -> list[Figure]:
    """Return the figures that were not read in the rule itself, those confirmed by administrators included."""
    return list(unverified_figures([*shipped_rule_sets().values(), *own_rules()], shipped_regimes().values()))


def confirm_figure(
    source: str,
    cell: str,
    figure_hash: str,
    read_in: str,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> FigureConfirmation:
    """Confirm a figure as an administrator who has read it in its source.

    Args:
        source: the id of the rule set or regime.
        cell: the key of the line or stage.
        figure_hash: the SHA-256 of what the administrator has compared.
        read_in: in which text it was read.
        by: the administrator.
        now: when (UTC).
        idempotency: the caller's key.

    Raises:
        RuleError: `figure.not_found` (not found); `figure.is_stale`, `figure.is_confirmed` (conflict);
            `approval.not_by_person` (forbidden): a program has read nothing.
    """
    figure = _figure(source, cell)
    approver_of(by)
    if figure.figure_hash != figure_hash:
        raise RuleError("figure.is_stale", pointer="/figure_hash", kind="conflict")
    with transaction(by, now, idempotency) as uow:
        advisory_lock(f"figure:{figure_hash}")
        if confirmation_of(figure_hash) is not None:
            raise RuleError("figure.is_confirmed", kind="conflict")
        row = uow.add(
            FigureConfirmation(
                source=source,
                cell=cell,
                figure_hash=figure_hash,
                content_hash=figure.content_hash,
                read_in=read_in,
                confirmed_at=now,
                confirmed_by=by,
            )
        )
        uow.record("figure.confirmed", f"figure:{source}/{cell}", _detail(row))
        uow.store_response(row)
    return row


def withdraw_confirmation(source: str, cell: str, reason: str, by: str, now: dt.datetime) -> None:
    """Withdraw the confirmation of a figure; it must be checked again. The journal keeps what was withdrawn.

    Raises:
        RuleError: `figure.not_found` (not found), `figure.not_confirmed` (conflict).
    """
    figure = _figure(source, cell)
    with transaction(by, now) as uow:
        advisory_lock(f"figure:{figure.figure_hash}")
        row = confirmation_of(figure.figure_hash)
        if row is None:
            raise RuleError("figure.not_confirmed", kind="conflict")
        uow.record("figure.withdrawn", f"figure:{source}/{cell}", {**_detail(row), "reason": reason})
        db.session.delete(row)


def _figure(source: str, cell: str) -> Figure:
    found = next((one for one in figures_to_check() if (one.source, one.key) == (source, cell)), None)
    if found is None:
        raise RuleError("figure.not_found", kind="not_found")
    return found


def _detail(row: FigureConfirmation) -> dict[str, Any]:
    return {
        "source": row.source,
        "cell": row.cell,
        "figure_hash": row.figure_hash,
        "content_hash": row.content_hash,
        "read_in": row.read_in,
    }
