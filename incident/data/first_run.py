"""What the first run proposes: sets of departments to start from, and routing rules."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class DepartmentSet:
    """A set of departments to start from: its name in both languages, and names by code."""

    key: str
    en: str
    zh: str
    departments: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ProposedRule:
    """A routing rule: the categories of an incident, who is notified, and the playbook that starts."""

    categories: Sequence[str]
    departments: Sequence[str]
    playbook: str


def department_sets() -> Sequence[DepartmentSet]:
    """Return the sets, the smallest first."""
    return [
        DepartmentSet(
            one["key"],
            one["en"],
            one["zh"],
            {department["code"]: department["name"] for department in one["departments"]},
        )
        for one in _read()["sets"]
    ]


def proposed_rules(departments: Collection[str], playbooks: Collection[str]) -> list[ProposedRule]:
    """Return the rules that departments and playbooks which exist here allow, by their codes and ids."""
    found = []
    for one in _read()["routing"]:
        there = [code for code in one["departments"] if code in departments]
        if there and one["playbook"] in playbooks:
            found.append(ProposedRule(one["categories"], there, one["playbook"]))
    return found


def proposed_default(departments: Sequence[str]) -> str | None:
    """Return the department that gets what no rule names: the usual one, else the first; None without any."""
    usual = [code for code in _read()["default"] if code in departments]
    return next(iter((*usual, *departments)), None)


@cache
def _read() -> Mapping[str, Any]:
    text = resources.files(__package__).joinpath("first_run.json").read_text("utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found
