"""Generate the calls with schemathesis and all its checks, and collect the findings."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from tests.fuzz.instance import TOKEN_ID, Furnished

DESCRIPTION: Final = "/api/v1/openapi.json"

CHECKS: Final[dict[str, Any]] = {
    # 409: the state of the object does not allow it; 412 and 422: a condition, or a rule that no schema can
    # say, such as that a department exists (docs/adr/0018).
    "positive_data_acceptance": {"expected-statuses": ["2xx", "403", "404", "409", "412", "415", "422", "428"]},
    # 409 and 412: refused as well, for another reason that was found first.
    "negative_data_rejection": {
        "expected-statuses": ["400", "401", "403", "404", "405", "406", "409", "412", "415", "422", "428"]
    },
    # RFC 6585: a condition that is needed and missing is 428.
    "missing_required_header": {"expected-statuses": ["400", "401", "403", "404", "406", "415", "422", "428"]},
}

ETAGS: Final = {"etag": {"values": ["*", '"1-x"']}}

OFTEN: Final = 0.8
"""The probability of a real value where one fits."""


@dataclass
class Found:
    """Results of the calls: counts by status, and each distinct finding with a call that shows it."""

    calls: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    findings: dict[str, str] = field(default_factory=dict)

    def report(self) -> str:
        """Every finding with its call, and the counts of responses."""
        counted = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        return "\n\n".join(
            [*(f"{title}\n{shown}" for title, shown in self.findings.items()), f"{self.calls} calls ({counted})"]
        )


def make_calls(furnished: Furnished, seed: int, examples: int, seconds: int | None = None) -> Found:
    """Make generated calls of every operation.

    Args:
        furnished: where they go.
        seed: the same seed makes the same calls, as long as no time is given.
        examples: how many calls of each operation are drawn beside those that cover its description.
        seconds: go on drawing until this time is up.
    """
    schema = schemathesis.openapi.from_url(
        f"{furnished.url}{DESCRIPTION}", config=_config(furnished, seed, examples, seconds)
    )
    schema.hook(filter_case)
    found = Found()
    for event in from_schema(schema).execute():
        _look(event, found)
    return found


def filter_case(_context: object, case: schemathesis.Case) -> bool:
    """Exclude the one call that would end the run: it revokes the token of all other calls."""
    return str((case.path_parameters or {}).get("token_id")) != str(TOKEN_ID)


def _config(furnished: Furnished, seed: int, examples: int, seconds: int | None) -> SchemathesisConfig:
    bound = {name: {"dictionary": name, "probability": OFTEN} for name in furnished.values}
    parameters = {f"path.{name}": binding for name, binding in bound.items() if name != "login"}
    document: dict[str, Any] = {
        "seed": seed,
        "headers": furnished.headers,
        "dictionaries": {name: {"values": values} for name, values in furnished.values.items()} | ETAGS,
        "parameters": parameters | _named_in_bodies(bound),
        "checks": CHECKS,
        "generation": {"max-examples": examples, "database": "none", "deterministic": seconds is None},
        "suppress-health-check": ["all"],
    }
    if seconds is not None:
        document["max-time"] = seconds
    return SchemathesisConfig.from_dict(document)


def _named_in_bodies(bound: dict[str, Any]) -> dict[str, Any]:
    return {
        "body.departments[*]": bound["code"],
        "body.department": bound["code"],
        "body.playbook": bound["playbook_id"],
        "body.report": bound["report_id"],
        "body.reports[*]": bound["report_id"],
        "body.person": bound["login"],
        "body.members[*].person": bound["login"],
        "body.rotations[*].people[*]": bound["login"],
        "header.If-Match": {"dictionary": "etag", "probability": OFTEN},
        "query.department": bound["code"],
        "query.incident": bound["number"],
    }


def _look(event: events.EngineEvent, found: Found) -> None:
    if isinstance(event, events.NonFatalError | events.FatalError):
        found.findings[f"{type(event).__name__} {event!r}"[-200:]] = repr(event)[:1000]
    if not isinstance(event, events.ScenarioFinished):
        return
    recorder = event.recorder
    for interaction in recorder.interactions.values():
        found.calls += 1
        if interaction.response is not None:
            found.statuses[interaction.response.status_code] += 1
    for nodes in recorder.checks.values():
        for node in nodes:
            if node.status == Status.FAILURE and node.failure_info is not None:
                failure = node.failure_info.failure
                title = f"{failure.operation}: {node.name}: {failure.title}"
                found.findings.setdefault(title, f"{failure.message}\n{node.failure_info.code_sample}")
