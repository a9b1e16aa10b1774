"""Permission to write playbooks that use stored secrets, and rules that start them (ADR 22)."""

from collections.abc import Iterable
from typing import Any

from incident.actions.incidents import proposing
from incident.actions.playbooks import playbook_loader
from incident.core.incidents.routing_document import RuleBook
from incident.store.playbooks import playbooks
from incident.web.security import access


def require(documents: Iterable[dict[str, Any]]) -> None:
    """Refuse playbooks that use stored secrets, and rules that start them, to callers without that permission.

    Args:
        documents: playbooks without faults.

    Raises:
        RuleError: `secret.use_needed` (forbidden).
    """
    if not access.is_allowed("secret.use"):
        for document in documents:
            proposing.require_secret_use(access.viewer().role, playbook_loader.bundle_of(document))


def writable_rules(book: RuleBook) -> RuleBook:
    """Return rules that the caller may put in force: their automatic starts use the caller's permission."""
    if not access.is_allowed("secret.use"):
        named = {rule.set.playbook for rule in book.rules if rule.set.playbook}
        rows = [row for one in sorted(named) if (row := playbooks.current_playbook(one)) is not None]
        require(row.document for row in rows)
    return book
