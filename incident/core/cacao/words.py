"""Texts for every code of this library, in English; a catalogue translates them.

Each entry is the fault, and a hint about the remedy. Braces name the arguments of the fault.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from incident.core.cacao.checks.messages import CHECKS
from incident.core.cacao.engine.messages import PROBLEMS, REASONS, RUNS
from incident.core.cacao.faults import Fault
from incident.core.cacao.fixing.messages import FIXES
from incident.core.cacao.signing.messages import KEY_PROBLEMS, SIGNATURES
from incident.core.cacao.text.messages import TEXTS

WORDS: Mapping[str, tuple[str, str]] = {**TEXTS, **CHECKS, **FIXES, **RUNS, **SIGNATURES}
_PROBLEMS: Mapping[str, str] = {**PROBLEMS, **KEY_PROBLEMS}

Translate = Callable[[str], str]


def _as_it_is(text: str) -> str:
    return text


def said(fault: Fault, translate: Translate = _as_it_is) -> tuple[str, str]:
    """Return the fault and its remedy as sentences; `translate` is a gettext of the reader's language."""
    return sentence_of(fault.code, fault.args, translate), _filled(WORDS[fault.code][1], fault.args, translate)


def sentence_of(code: str, args: Mapping[str, Any], translate: Translate = _as_it_is) -> str:
    """Return the sentence for a code, such as that of a `Noted`."""
    return _filled(WORDS[code][0], args, translate)


def reason(code: str, translate: Translate = _as_it_is) -> str:
    """Return the text of the reason of a change; a reason given by a person is returned unchanged."""
    return translate(REASONS[code]) if code in REASONS else code


def _filled(template: str, args: Mapping[str, Any], translate: Translate) -> str:
    if not template:
        return ""
    return translate(template).format_map(
        _Shown({name: _shown(name, value, translate) for name, value in args.items()})
    )


def _shown(name: str, value: Any, translate: Translate) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    text = str(value)
    return translate(_PROBLEMS[text]) if name in ("problem", "expected", "found") and text in _PROBLEMS else text


class _Shown(dict[str, str]):
    """Arguments of a sentence; a missing one stays in its braces, because a sentence must never fail."""

    def __missing__(self, name: str) -> str:
        return "{" + name + "}"
