"""Playbooks as the engine wants them: parsed once per content hash, and bundled as a run pins them (P11)."""

from collections.abc import Mapping
from functools import lru_cache

from incident.core.cacao import Bundle, Playbook, parse
from incident.core.faults import RuleError
from incident.store import playbooks

PARSED_LIMIT = 256
CALLS_LIMIT = 100


class _Gone(LookupError):
    """A version is not in the database; kept out of the cache by being raised."""


@lru_cache(maxsize=PARSED_LIMIT)
def _parsed(content_hash: str) -> Playbook:
    row = playbooks.playbook_by_hash(content_hash)
    if row is None:
        raise _Gone(content_hash)
    return parse(row.document)


def pins_of(main: playbooks.Playbook) -> dict[str, str]:
    """Return the content hash of a playbook and of every playbook it calls, down to the last, by id.

    Raises:
        RuleError: `playbook.calls_unknown` (conflict) when a called playbook is not here.
    """
    pins = {main.cacao_id: main.content_hash}
    waiting = sorted(_parsed(main.content_hash).called_ids)
    while waiting and len(pins) < CALLS_LIMIT:
        called = waiting.pop()
        if called in pins:
            continue
        row = playbooks.current_playbook(called)
        if row is None:
            raise RuleError("playbook.calls_unknown", {"playbook": called}, kind="conflict")
        pins[called] = row.content_hash
        waiting.extend(sorted(_parsed(row.content_hash).called_ids))
    return pins


def bundle_of(main_id: str, pins: Mapping[str, str]) -> Bundle:
    """Return the pinned versions of a run, parsed."""
    called = {cacao_id: _parsed(pin) for cacao_id, pin in pins.items() if cacao_id != main_id}
    return Bundle(main=_parsed(pins[main_id]), called=called)
