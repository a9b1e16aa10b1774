"""The versions of a playbook, and what differs between two of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

from incident.core.cacao.diagnosis.version_changes import Change, changes_between, text_difference
from incident.core.values.access import may_see_playbook
from incident.store.playbooks import playbooks as store
from incident.store.playbooks.playbooks import Playbook
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, render
from incident.web.security import access
from incident.web.security.auth import needs

MAX_VERSIONS = 60


@dataclass(frozen=True)
class Comparison:
    """Two versions of a playbook and what differs: by steps, and line by line unless the text is too long."""

    old: Playbook
    new: Playbook
    changes: Sequence[Change]
    lines: Sequence[str] | None

    @property
    def is_signature_only(self) -> bool:
        """Whether only signatures or the time of the version differ."""
        return not self.changes


@pages.get("/playbooks/<playbook_id>/versions")
@needs("playbook.read")
def playbook_versions(playbook_id: str) -> Page:
    """List the versions of a playbook, and compare two of them: by default the newest two."""
    row = access.visible_playbook(playbook_id)
    viewer = access.viewer()
    rows = [one for one in store.list_versions(row.cacao_id, MAX_VERSIONS) if may_see_playbook(viewer, one.tlp)]
    return render("playbooks/versions.html", row=row, rows=rows, compared=_compared(rows))


def _compared(rows: Sequence[Playbook]) -> Comparison | None:
    by_id = {str(one.id): one for one in rows}
    new = by_id.get(request.args.get("new", ""), rows[0] if rows else None)
    later = rows[rows.index(new) + 1 :] if new is not None else ()
    old = by_id.get(request.args.get("old", ""), later[0] if later else None)
    if new is None or old is None or new.id == old.id:
        return None
    before, after = _plain(old.document), _plain(new.document)
    return Comparison(old, new, changes_between(before, after), text_difference(before, after))


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "signatures"}
