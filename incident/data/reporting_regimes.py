"""Regimes of reporting that come with the program (`data/regimes`)."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from incident.core.cacao import Fault, check
from incident.core.deadlines.regimes import Regime, read_regime
from incident.data.working_calendars import shipped

HOME = "cn-"
"""Regimes whose ids begin so are listed first."""


@cache
def shipped_regime_data() -> Mapping[str, bytes]:
    """The data of the regimes by id, those of this country first."""
    folder = resources.files(__package__).joinpath("regimes")
    texts = [file.read_bytes() for file in folder.iterdir() if file.name.endswith(".json")]
    found = {json.loads(text)["id"]: text for text in texts}
    return MappingProxyType({key: found[key] for key in sorted(found, key=lambda key: (not key.startswith(HOME), key))})


@cache
def shipped_regimes() -> Mapping[str, Regime]:
    """The regimes by id."""
    return MappingProxyType({key: read_regime_data(text) for key, text in shipped_regime_data().items()})


def read_regime_data(content: bytes) -> Regime:
    """Read the data of a regime, of the present version or of an earlier one."""
    return read_regime(json.loads(content), hashlib.sha256(content).hexdigest())


def has_calendar(regime: Regime) -> bool:
    """Return whether the working calendar of the regime's country is shipped."""
    return regime.calendar in shipped()


def check_playbook(document: object, is_lint: bool = False) -> list[Fault]:
    """Return all faults of a playbook as `check` does, with those of the reports that its steps wait for (P19)."""
    return check(document, is_lint, {key: [one.key for one in law.stages] for key, law in shipped_regimes().items()})
