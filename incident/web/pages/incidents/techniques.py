"""The techniques of MITRE ATT&CK on an incident: searched by name, added and removed."""

from collections.abc import Callable, Sequence
from typing import Final

from flask import make_response, request, url_for

from incident.actions.incidents import techniques as use_cases
from incident.data.attack import Technique, find_techniques, tactics, technique_called
from incident.store.incidents.techniques import techniques_of
from incident.web import i18n
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, is_permitted, render, submit
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

FOUND_LIMIT: Final = 30


def parent_name(one: Technique) -> str:
    """Return the name of the technique that one is a part of, empty for none."""
    return technique_called(one.parent).name if one.parent else ""


def tactic_names(one: Technique) -> str:
    """Return the names of the tactics of a technique in the language of the page."""
    return i18n.comma().join(tactics()[tactic].name(i18n.current()) for tactic in one.tactics)


def known_techniques(incident_id: int) -> Sequence[Technique]:
    """Return the techniques of an incident; one that the index does not have is shown by its id."""
    return [technique_called(one) for one in techniques_of(incident_id)]


@pages.get("/incidents/<number>/techniques")
@needs("incident.read")
def incident_techniques(number: str) -> Page:
    """Show the techniques of an incident, and those that a search finds; without words, those of each tactic."""
    found = access.visible_incident(number)
    words = request.args.get("q", "").strip()[:100]
    its = known_techniques(found.id)
    matches = find_techniques(words, FOUND_LIMIT + 1)
    return render(
        "incidents/techniques.html",
        incident=found,
        techniques=its,
        known={one.id for one in its},
        words=words,
        matches=matches[:FOUND_LIMIT],
        has_more=len(matches) > FOUND_LIMIT,
        parents={one.id: parent_name(one) for one in [*its, *matches]},
        tactics={one.id: tactic_names(one) for one in [*its, *matches]},
        may_change=found.status != "closed" and is_permitted("incident.change"),
    )


@pages.post("/incidents/<number>/techniques")
@needs("incident.change")
def add_technique_form(number: str) -> Page:
    """Add a technique to an incident."""
    found, technique = access.visible_incident(number), request.form.get("technique", "")
    return _submit(number, lambda: use_cases.add_technique(found.id, technique, require_caller().actor, now()), "added")


@pages.post("/incidents/<number>/techniques/<technique>/remove")
@needs("incident.change")
def remove_technique_form(number: str, technique: str) -> Page:
    """Remove a technique from an incident."""
    found = access.visible_incident(number)
    return _submit(
        number, lambda: use_cases.remove_technique(found.id, technique, require_caller().actor, now()), "removed"
    )


def _submit(number: str, use_case: Callable[[], None], said: str) -> Page:
    """Run a use case and return to the techniques, with the words that were searched for."""
    words = request.form.get("q", "")[:100]
    return submit(
        use_case,
        lambda: make_response(incident_techniques(number)),
        lambda: url_for("pages.incident_techniques", number=number, q=words or None),
        said,
    )
