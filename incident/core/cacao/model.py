"""A checked playbook, in the form that the engine runs; the document itself is kept unchanged."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from incident.core.cacao.engine.conditions import Condition
from incident.core.cacao.signing.canonical import canonical
from incident.core.cacao.values import Json, Value

DEFAULT_TIMEOUT = timedelta(hours=24)
DEFAULT_ROUNDS = 100
DEFAULT_WHILE_LIMIT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared variable (CACAO 2.0 section 10.18)."""

    name: str
    type: str
    value: Value
    is_constant: bool
    is_external: bool
    description: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command of an action (CACAO 2.0 section 5); `names` are the variables that its body refers to."""

    kind: str
    body: Mapping[str, Any]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """An agent or a target (CACAO 2.0 section 7); `names` are the variables that it refers to."""

    id: str
    type: str
    body: Mapping[str, Any]
    names: tuple[str, ...]
    authentication: str | None


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch that a compound step opens: its label (a case, `true`, a number) and its first step."""

    label: str
    head: str


@dataclass(frozen=True, slots=True)
class Retry:
    """The retry extension of a step: at most `limit` more attempts, each after `pause` (P13)."""

    limit: int
    pause: timedelta


@dataclass(frozen=True, slots=True)
class ClockReference:
    """The statutory clock whose filing ends a step (P19): a stage of a reporting regime."""

    regime: str
    stage: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a workflow (CACAO 2.0 section 4); `on_success` is also where `on_completion` leads.

    `unquoted` are the variables that its commands receive unquoted, by our extension (P18); `clock` is
    what a step waits for that a filing ends (P19).
    """

    id: str
    type: str
    name: str
    description: str
    delay: timedelta | None
    timeout: timedelta | None
    on_success: str | None
    on_failure: str | None
    variables: Mapping[str, Variable]
    commands: tuple[Command, ...] = ()
    agent: str | None = None
    targets: tuple[str, ...] = ()
    in_args: tuple[str, ...] = ()
    out_args: tuple[str, ...] = ()
    unquoted: frozenset[str] = frozenset()
    branches: tuple[Branch, ...] = ()
    condition: Condition | None = None
    switch: str = ""
    playbook_id: str = ""
    playbook_version: str = ""
    retry: Retry | None = None
    clock: ClockReference | None = None


@dataclass(frozen=True)
class Playbook:
    """A playbook ready to run; `document` is the imported one, with its extensions."""

    document: Json
    id: str
    name: str
    created: datetime
    modified: datetime
    is_revoked: bool
    valid_from: datetime | None
    valid_until: datetime | None
    start: str
    exception: str | None
    steps: Mapping[str, Step]
    variables: Mapping[str, Variable]
    agents: Mapping[str, Definition]
    targets: Mapping[str, Definition]
    authentication: Mapping[str, Mapping[str, Any]]

    @cached_property
    def content_hash(self) -> str:
        """Return the SHA-256 over the canonical form (RFC 8785), in lower-case hex (P11)."""
        return hashlib.sha256(canonical(self.document)).hexdigest()

    @cached_property
    def called_ids(self) -> tuple[str, ...]:
        """Return the ids of the playbooks that playbook-action steps call, without duplicates."""
        return tuple(dict.fromkeys(step.playbook_id for step in self.steps.values() if step.playbook_id))

    @cached_property
    def externals(self) -> Mapping[str, Variable]:
        """Return the variables whose value the caller provides."""
        return {name: variable for name, variable in self.variables.items() if variable.is_external}

    @property
    def version(self) -> str:
        """Return the `modified` of the document as written there."""
        return str(self.document["modified"])


@dataclass(frozen=True)
class PlaybookBundle:
    """A playbook with every playbook that it calls, recursively, each in one version (P11).

    `called` is keyed by the id; a playbook that is called in two versions is also under `id@modified`.
    """

    main: Playbook
    called: Mapping[str, Playbook] = field(default_factory=dict)

    @cached_property
    def content_hash(self) -> str:
        """Return one hash over the main playbook's and, in order of their keys, the called ones'."""
        lines = [self.main.content_hash]
        lines += [f"{key} {self.called[key].content_hash}" for key in sorted(self.called)]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def key_of(self, playbook_id: str, version: str) -> str | None:
        """Return the key of the called playbook of an id and version ("" for any)."""
        exact = f"{playbook_id}@{version}"
        if version and exact in self.called:
            return exact
        found = self.called.get(playbook_id)
        if found is None or (version and found.version != version):
            return None
        return playbook_id

    def playbook(self, key: str) -> Playbook:
        """Return the playbook of a key, "" for the main one."""
        return self.called[key] if key else self.main


@dataclass(frozen=True, slots=True)
class Profile:
    """Settings that a playbook does not contain: who performs which command, and time limits (P3, P6, P10).

    `executors` are the kinds of commands that a machine here performs, such as `http-api`; all others become tasks.
    """

    executors: frozenset[str] = frozenset()
    default_timeout: timedelta = DEFAULT_TIMEOUT
    while_rounds: int = DEFAULT_ROUNDS
    while_limit: timedelta = DEFAULT_WHILE_LIMIT
