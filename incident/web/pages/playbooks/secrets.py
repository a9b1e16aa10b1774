"""Stored secrets: their permitted places, and secrets without any place."""

from flask import request, url_for

from incident.actions.playbooks import secrets as use_cases
from incident.core.playbooks.secret_place import PLACES_LIMIT, split_places
from incident.store.operations.secrets import list_secrets
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, render, submit
from incident.web.security.auth import needs, require_caller


@pages.get("/playbooks/secrets")
@needs("secret.use")
def secrets() -> Page:
    """List the stored secrets by name; their values are never shown."""
    return _list()


def _list() -> Page:
    rows = list_secrets()
    return render(
        "secrets/secrets.html",
        given=request.form,
        places={row.name: split_places(row.places) for row in rows},
        places_limit=PLACES_LIMIT,
        rows=rows,
        without=[row.name for row in rows if row.places is None],
    )


@pages.post("/playbooks/secrets")
@needs("secret.write")
def place_secret() -> Page:
    """Set where a secret may be used."""

    def use_case() -> None:
        form = Form()
        name, places = form.named("name"), form.needed("places", PLACES_LIMIT)
        form.finish()
        ring, by = current_instance().ring, require_caller().actor
        use_cases.place_secret(name, places.replace(",", " ").split(), ring, by, now())

    return submit(use_case, _list, lambda: url_for("pages.secrets"), "changed")
