"""The faults of a typed playbook for people: root causes first, with step names and line numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from incident.core.cacao import load, parse
from incident.core.cacao.diagnosis.lines import line_of, lines_of_places
from incident.core.cacao.diagnosis.names import NamedObjects, named_objects
from incident.core.cacao.diagnosis.root_causes import FaultGroup, group_faults, meant_by
from incident.core.cacao.faults import CacaoError, Fault
from incident.core.cacao.words import said
from incident.data.reporting_regimes import check_playbook
from incident.web.i18n import gettext, spoken
from incident.web.pages.playbooks.outline import Line, lines_of
from incident.web.pages.playbooks.picture import picture_of


@dataclass(frozen=True)
class Finding:
    """A fault as shown: its sentence and remedy, its line, and the name of the step that it is in.

    `meant` is the name of the step or definition that a broken reference most likely means; `followers` are the faults
    that only follow from this one.
    """

    words: str
    hint: str
    is_error: bool
    line: int | None
    step: str
    pointer: str
    clause: str
    meant: str = ""
    followers: Sequence["Finding"] = ()


@dataclass(frozen=True)
class CheckedText:
    """A typed playbook after its check; `document` is None when the text cannot be read.

    `picture` and `outline` are those of a playbook without errors.
    """

    text: str
    document: dict[str, Any] | None
    findings: Sequence[Finding]
    picture: str | None = None
    outline: Sequence[Line] = ()

    @property
    def has_errors(self) -> bool:
        """Whether it cannot be saved."""
        return any(one.is_error for one in self.findings)

    @property
    def follower_count(self) -> int:
        """How many faults only follow from others."""
        return sum(len(one.followers) for one in self.findings)


def checked(source: bytes, departments: Mapping[str, str]) -> CheckedText:
    """Check a typed playbook.

    Args:
        source: its text, JSON or YAML.
        departments: names of departments by their codes.
    """
    text = source.decode("utf-8", "replace").replace("\r\n", "\n")
    try:
        document = load(text)
    except CacaoError as refused:
        lines = lines_of_places(text)
        nothing = named_objects(None)
        return CheckedText(text, None, [_finding(one, lines, nothing, None) for one in refused.faults])
    return checked_document(text, document, departments)


def checked_document(text: str, document: dict[str, Any], departments: Mapping[str, str]) -> CheckedText:
    """Check a playbook that has been read already.

    Args:
        text: its text, in which lines are counted.
        document: its content.
        departments: names of departments by their codes.
    """
    faults = check_playbook(document)
    names = named_objects(document, spoken)
    lines = lines_of_places(text) if faults else {}
    found = [_of_group(group, lines, names, document) for group in group_faults(document, faults)]
    if any(fault.is_error for fault in faults):
        return CheckedText(text, document, found)
    parsed = parse(document, is_checked=True)
    return CheckedText(text, document, found, picture_of(parsed), lines_of(parsed, departments))


def _of_group(group: FaultGroup, lines: Mapping[str, int], names: NamedObjects, document: dict[str, Any]) -> Finding:
    followers = [_finding(one, lines, names, None) for one in group.followers]
    return _finding(group.root, lines, names, document, followers)


def _finding(
    fault: Fault,
    lines: Mapping[str, int],
    names: NamedObjects,
    document: dict[str, Any] | None,
    followers: Sequence[Finding] = (),
) -> Finding:
    words, hint = said(names.in_fault(fault), gettext)
    meant = names.of(meant_by(document, fault)) if document is not None else ""
    return Finding(
        words,
        hint,
        fault.is_error,
        line_of(fault, lines),
        names.around(fault.pointer),
        fault.pointer,
        fault.clause,
        meant,
        followers,
    )
