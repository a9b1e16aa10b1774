"""The page of the numbers of documents: issuer word and form of each series."""

from flask import request, url_for

from incident.actions.documents.series_settings import put_series, series_version
from incident.core.documents.numbering import SERIES, USUAL_FORM, read_series
from incident.store.documents.series import all_series
from incident.web.i18n import gettext as _
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.documents.document_words import SERIES_WORDS
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, render, submit
from incident.web.security.auth import needs, require_caller


@pages.get("/documents/series")
@needs("document.configure")
def document_series_page() -> Page:
    """Show how the numbers of documents are written."""
    return _show()


def _show() -> Page:
    rows = all_series()
    known = {one.series: one for one in rows}
    stored = {f"word-{name}": one.word for name, one in known.items()}
    stored |= {f"form-{name}": one.form for name, one in known.items()}
    return render(
        "documents/series.html",
        names=[(name, _(SERIES_WORDS[name])) for name in SERIES],
        version=series_version(rows),
        typed=dict(request.form) if request.method == "POST" else stored,
        usual=USUAL_FORM,
        places=_places(),
    )


@pages.post("/documents/series")
@needs("document.configure")
def put_document_series_form() -> Page:
    """Save how the numbers of documents are written."""

    def use_case() -> None:
        form = Form()
        version = form.number("version")
        given = [
            {"series": name, "word": form.raw(f"word-{name}"), "form": form.raw(f"form-{name}")} for name in _places()
        ]
        series = form.finished("series", lambda: read_series(given)) if given else []
        put_series(series, require_caller().actor, now(), version)

    return submit(use_case, _show, lambda: url_for("pages.document_series_page"), "changed")


def _places() -> dict[str, int]:
    """Return the place of each series among those that have an issuer word in the form."""
    filled = [name for name in SERIES if request.form.get(f"word-{name}", "").strip()]
    return {name: place for place, name in enumerate(filled)}
