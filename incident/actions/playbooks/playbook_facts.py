"""Facts about playbooks for lists: purpose, types, departments, calls; read once per version."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from incident.actions.playbooks import playbook_loader
from incident.core.cacao import Playbook
from incident.core.cacao.vocabulary import PEOPLE
from incident.core.playbooks.step_techniques import techniques_of_playbook
from incident.core.values.bilingual import SLASH

MAX_KEPT: Final = 4_096
_SENTENCE = re.compile(r"(.+?(?:[.!?](?=\s|$)|[。！？]))", re.DOTALL)


@dataclass(frozen=True)
class PlaybookFacts:
    """Facts of one version.

    `description` is in every language that the playbook has; `departments` are titles in every language by the codes of
    the departments that its steps ask, in their order; `calls` are the identifiers of called playbooks, `techniques`
    the ids of the techniques of MITRE ATT&CK that it or its steps name.
    """

    description: str
    types: Sequence[str]
    labels: Sequence[str]
    departments: Mapping[str, str]
    calls: Sequence[str]
    is_signed: bool
    techniques: Sequence[str] = ()


@lru_cache(maxsize=MAX_KEPT)
def facts_of_version(content_hash: str) -> PlaybookFacts:
    """Return the facts of a version, which never change.

    Raises:
        VersionGone: when it is not in the database.
        PlaybookFaults: when the document in the database is not the one that was added.
    """
    return playbook_facts(playbook_loader.pinned({"main": content_hash, "called": {}}).main)


def playbook_facts(playbook: Playbook) -> PlaybookFacts:
    """Return the facts of a playbook that need not have been added."""
    document = playbook.document
    return PlaybookFacts(
        description=str(document.get("description") or ""),
        types=tuple(map(str, document.get("playbook_types") or ())),
        labels=tuple(map(str, document.get("labels") or ())),
        departments=_departments(playbook),
        calls=playbook.called_ids,
        is_signed=bool(document.get("signatures")),
        techniques=techniques_of_playbook(document),
    )


def _departments(playbook: Playbook) -> Mapping[str, str]:
    named = [one for step in playbook.steps.values() for one in (step.agent, *step.targets) if one]
    bodies = [found.body for key in named if (found := playbook.agents.get(key) or playbook.targets.get(key))]
    people = [body for body in bodies if body.get("type") in PEOPLE and body.get("name")]
    return {str(body["name"]): department_title(str(body.get("description") or body["name"])) for body in people}


def department_title(description: str) -> str:
    """Return the name that the description of a department begins with, in each of its languages.

    `Duty office: answers round the clock / 值班室：全天候值守` gives `Duty office / 值班室`.
    """
    return SLASH.join(re.split(r"[:：]", part.strip(), maxsplit=1)[0] for part in description.split(SLASH))


def first_sentence(text: str) -> str:
    """Return the first sentence of a text in one language, on one line."""
    whole = " ".join(text.split())
    found = _SENTENCE.match(whole)
    return found.group(1) if found else whole
