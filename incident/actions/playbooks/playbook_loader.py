"""Loads playbooks for the engine: parsed once per content hash, and bundled as a run pins them (P11)."""

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any

from incident.core.cacao import Fault, Playbook, PlaybookBundle, gather, parse, tlp
from incident.core.cacao.faults import error
from incident.core.values.access import PLAYBOOK_RED
from incident.core.values.moment import parse_moment
from incident.store.playbooks import playbooks

PARSED_LIMIT = 256


class PlaybookFaults(Exception):
    """A document that is not a valid playbook, or one that cannot start; `faults` has errors and warnings."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(", ".join(f"{fault.code} {fault.pointer}" for fault in faults))
        self.faults = faults


class VersionGone(LookupError):
    """A version that a run is pinned to is not in the database."""


def bundle_for(row: playbooks.Playbook | playbooks.Version, newest: Mapping[str, str] | None = None) -> PlaybookBundle:
    """Return a playbook with the newest, or the named, version of every playbook that it calls, recursively.

    Args:
        row: a version of it.
        newest: the content hash of the newest version of each playbook; looked up one by one when not given.

    Raises:
        PlaybookFaults: when a document in the database is not the one that was added.
    """
    return gather(_parsed(row.content_hash), _find if newest is None else partial(_find_among, newest))


def bundle_of(document: dict[str, Any]) -> PlaybookBundle:
    """Return a playbook before its addition, with every existing playbook that it calls."""
    return gather(parse(document), _find)


def pins_of(bundle: PlaybookBundle) -> dict[str, Any]:
    """Return the pins of a bundle in a run: the content hash of each playbook in it."""
    called = {key: playbook.content_hash for key, playbook in bundle.called.items()}
    return {"main": bundle.main.content_hash, "called": called}


def is_red(bundle: PlaybookBundle) -> bool:
    """Whether a playbook, or one that it calls, is marked `TLP:RED`, which then applies to its runs."""
    return any(tlp(one.document) == PLAYBOOK_RED for one in (bundle.main, *bundle.called.values()))


def pinned(pins: Mapping[str, Any]) -> PlaybookBundle:
    """Return the bundle that a run is pinned to.

    Raises:
        VersionGone: when a version is not in the database.
        PlaybookFaults: when a document in the database is not the one that was added.
    """
    return _pinned(pins["main"], tuple(sorted(pins["called"].items())))


@lru_cache(maxsize=PARSED_LIMIT)
def _pinned(main: str, called: tuple[tuple[str, str], ...]) -> PlaybookBundle:
    return PlaybookBundle(_parsed(main), {key: _parsed(content_hash) for key, content_hash in called})


@lru_cache(maxsize=PARSED_LIMIT)
def _parsed(content_hash: str) -> Playbook:
    row = playbooks.playbook_by_hash(content_hash)
    if row is None:
        raise VersionGone(content_hash)
    playbook = parse(row.document, is_checked=True)
    if playbook.content_hash != content_hash:  # changed without authorisation: neither started nor continued
        raise PlaybookFaults([error("playbook_altered", "", "P11", playbook=playbook.id)])
    return playbook


def _find(cacao_id: str, version: str) -> Playbook | None:
    row: playbooks.Playbook | playbooks.Version | None
    if version:
        row = playbooks.playbook_version(cacao_id, parse_moment(version))
    else:
        row = playbooks.current_version(cacao_id)
    return None if row is None else _parsed(row.content_hash)


def _find_among(newest: Mapping[str, str], cacao_id: str, version: str) -> Playbook | None:
    if version:
        return _find(cacao_id, version)
    return _parsed(newest[cacao_id]) if cacao_id in newest else None
