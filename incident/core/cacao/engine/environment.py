"""Variable scopes of a run: which variable a name refers to, and assignment (CACAO 2.0 section 10.18.1).

A name is looked up in the current scope, then outward through the steps that opened it, then among the playbook's own
variables. A step's own variables belong to the scope that contains it, from its entry on: the steps that it opens and
those that follow it see them, and a later declaration of the same name hides the earlier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from incident.core.cacao.engine.effects import VariableSet
from incident.core.cacao.engine.run_builder import RunBuilder
from incident.core.cacao.model import Step, Variable
from incident.core.cacao.values import Value
from incident.core.cacao.variables import conform


@dataclass(frozen=True, slots=True)
class BoundVariable:
    """A variable and its value; `scope` is None for a playbook's own, `owner` the key of the declaring step."""

    declaration: Variable
    value: Value
    scope: str | None
    owner: str
    prefix: str


def find(work: RunBuilder, scope_key: str, name: str) -> BoundVariable | None:
    """Return the variable that a name refers to in a scope; None when none is declared."""
    scope = work.scopes[scope_key]
    while name not in scope.variables:
        if scope.parent is None:
            return _of_playbook(work, scope.prefix, name)
        scope = work.scopes[scope.parent]
    owner, value = scope.variables[name]
    return BoundVariable(work.step(owner).variables[name], value, scope.key, owner, scope.prefix)


def _of_playbook(work: RunBuilder, prefix: str, name: str) -> BoundVariable | None:
    declaration = work.playbook(prefix).variables.get(name)
    if declaration is None:
        return None
    return BoundVariable(declaration, work.values[prefix].get(name), None, prefix.removesuffix("/"), prefix)


def value_of(work: RunBuilder, scope_key: str, name: str) -> Value:
    """Return the value of a variable; None when it is unknown or not declared."""
    found_variable = find(work, scope_key, name)
    return None if found_variable is None else found_variable.value


def typed_value(work: RunBuilder, scope_key: str, name: str) -> tuple[str, Value]:
    """Return type and value of a variable, for a condition."""
    found_variable = find(work, scope_key, name)
    return ("string", None) if found_variable is None else (found_variable.declaration.type, found_variable.value)


def types_of(work: RunBuilder, scope_key: str, names: Iterable[str]) -> dict[str, str]:
    """Return the type of each declared variable among the names."""
    found = ((name, find(work, scope_key, name)) for name in names)
    return {name: found_variable.declaration.type for name, found_variable in found if found_variable is not None}


def assign(work: RunBuilder, scope_key: str, name: str, value: object) -> bool:
    """Assign a value to a variable; False when none of that name may be assigned here; raises Mistyped."""
    found_variable = find(work, scope_key, name)
    if found_variable is None or found_variable.declaration.is_constant:
        return False
    fitted = conform(found_variable.declaration.type, value)
    if found_variable.scope is None:
        work.values[found_variable.prefix] = {**work.values[found_variable.prefix], name: fitted}
    else:
        variables = work.scopes[found_variable.scope].variables
        work.amend_scope(found_variable.scope, variables={**variables, name: (found_variable.owner, fitted)})
    if fitted != found_variable.value:
        work.emit(VariableSet(found_variable.owner, name, fitted))
    return True


def declare(work: RunBuilder, scope_key: str, key: str, step: Step) -> None:
    """Add the own variables of a step that is being entered, with the values of their declaration."""
    if step.variables:
        declared = {name: (key, variable.value) for name, variable in step.variables.items()}
        work.amend_scope(scope_key, variables={**work.scopes[scope_key].variables, **declared})


def initial(variables: Mapping[str, Variable], given: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values of a playbook's variables at its start."""
    return {name: given.get(name, variable.value) for name, variable in variables.items()}
