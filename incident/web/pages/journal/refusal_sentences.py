"""Why a playbook did not start, in sentences without names of variables and ids of playbooks."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

from incident.core.cacao.words import sentence_of
from incident.core.values.error_messages import N_
from incident.web import i18n
from incident.web.i18n import gettext as _
from incident.web.pages.template_filters import zone

PLAIN: Final[Mapping[str, str]] = {
    "call_argument": N_("It gives a playbook that it starts an answer which that one does not ask for."),
    "call_unknown": N_("A playbook that it starts has not been added."),
    "call_values": N_("It does not give a playbook that it starts all the answers which that one asks for."),
    "out_of_valid_from": N_("It is valid only from %(time)s."),
    "out_of_valid_until": N_("It was valid until %(time)s."),
    "revoked": N_("It has been revoked."),
    "value_missing": N_("It asks for an answer that was not given: start it on this page and fill in its form."),
    "value_mistyped": N_("An answer that it was given does not fit its question."),
    "value_not_asked": N_("It was given an answer that it does not ask for."),
}


def refusal_words(faults: Iterable[Mapping[str, Any]]) -> str:
    """Return the sentences for the recorded faults of a playbook that did not start, each once."""
    return " ".join(dict.fromkeys(_sentence(one["code"], one["args"]) for one in faults))


def _sentence(code: str, args: Mapping[str, Any]) -> str:
    if code not in PLAIN:
        return sentence_of(code, args, _)
    return _(PLAIN[code], time=_time(args["at"])) if "at" in args else _(PLAIN[code])


def _time(text: str) -> str:
    return i18n.full(dt.datetime.fromisoformat(text), zone())
