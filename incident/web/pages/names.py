"""Display names: of the journal's actors, and of an incident's objects on its timeline."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from incident.core.deadlines.authorities import roles_of
from incident.core.values.error_messages import N_
from incident.data.reporting_regimes import shipped_regimes
from incident.store.journal.journal import Entry
from incident.web import i18n
from incident.web.i18n import gettext as _

EVENT_WORDS: Final = {
    "aware": N_("Somebody became aware of the incident"),
    "handling_ended": N_("Handling ended"),
    "classified": N_("The incident was classified as major"),
    "material": N_("The incident was found to be material"),
    "paid": N_("A ransom was paid"),
    "assessed": N_("The breach was assessed as notifiable"),
    "measure_available": N_("A measure against the vulnerability is available"),
    "fact_added": N_("A new fact became known"),
}
RECEIVED_WORDS: Final[Mapping[str | None, str]] = {
    "filing": N_("The report before it was filed, with proof"),
    "department": N_("A department here received the report before it"),
    None: N_("The report before it was filed with proof, or a department here received it"),
}
"""What starts a report onward, by what proves that the report before was received."""

Detail = Mapping[str, Any]


@dataclass(frozen=True)
class Names:
    """Names of an incident's objects by reference such as `notice:7`; `steps` by run and step key."""

    things: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    departments: Mapping[str, str] = field(default_factory=dict)


Saying = Callable[[Detail, Entry, Names], str]
"""Type of the functions that turn a verb of the journal into a sentence."""


def thing_called(names: Names, entry: Entry, other: str = "") -> str:
    """Return the name of an entry's subject."""
    return i18n.spoken(names.things.get(entry.subject, other))


def department_called(names: Names, code: str) -> str:
    """Return the name of the department with a code."""
    return i18n.spoken(names.departments.get(code, code))


MACHINE_WORDS: Final[Mapping[str, str]] = {
    "anchor": N_("the anchoring of the journal"),
    "scheduler": N_("the scheduler"),
    "delivery": N_("delivery"),
    "public": N_("a member of the public"),
    "cli": N_("the command line"),
    "setup": N_("set-up"),
    "watchdog": N_("the watchdog"),
}


def actor_words(actor: str) -> str:
    """Return the display name of an actor such as `person:3:Li Wei`, in the language of the page."""
    kind, _mark, rest = actor.partition(":")
    name = i18n.spoken(rest.partition(":")[2] or rest)
    match kind:
        case "person":
            return name
        case "token" | "source":
            return _("%(name)s (program)", name=name)
        case "link":
            return _("%(name)s (by link)", name=name)
    return machine_words(kind)


def machine_words(kind: str) -> str:
    """Return the label for actions of programs and other actors without a name."""
    return _(MACHINE_WORDS.get(kind, kind))


def no_contact_words(name: str | None) -> str:
    """Return the one sentence that says of a department that it has no contact."""
    return _("%(department)s has no contact and cannot be notified.", department=i18n.spoken(name))


def regime_words(regime: str) -> str:
    """Return the title of a reporting regime by its id, in the language of the page."""
    found = shipped_regimes().get(regime)
    return regime if found is None else found.title["zh" if i18n.current().startswith("zh") else "en"]


def authority_roles() -> dict[str, str]:
    """Return the roles of authorities that laws name, with their names in the language of the page."""
    language = "zh" if i18n.current().startswith("zh") else "en"
    return {role: one.name[language] for role, one in roles_of(shipped_regimes().values()).items()}


def clock_event_words(kind: str, proof: str | None = None) -> str:
    """Return what happened, by the kind of an event that clocks start with.

    Args:
        kind: of the event.
        proof: by what a receipt is proved: `filing` or `department`; None where either does.
    """
    if kind.startswith("received:"):
        return _(RECEIVED_WORDS.get(proof, RECEIVED_WORDS[None]))
    if kind.startswith("filed:"):
        return _("The report before it was filed")
    return _(EVENT_WORDS.get(kind, kind))
