"""The page of the numbers of documents: issuer word and form of each series."""

from typing import Final

from flask import request, url_for

from incident.actions.documents.series_settings import put_series, series_version
from incident.core.documents.numbering import SERIES, USUAL_FORM, NumberSeries, document_number, read_series
from incident.core.values.error_messages import N_
from incident.store.documents.series import all_series
from incident.web.i18n import gettext as _
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.documents.document_words import SERIES_WORDS
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, render, submit
from incident.web.security.auth import needs, require_caller

PLACE_WORDS: Final = {"{word}": N_("[issuer word]"), "{year}": N_("[year]"), "{number}": N_("[number]")}
"""The places of a form in words: people write no signs of programs."""


@pages.get("/documents/series")
@needs("document.configure")
def document_series_page() -> Page:
    """Show how the numbers of documents are written."""
    return _show()


def _show() -> Page:
    rows = all_series()
    known = {one.series: one for one in rows}
    stored = {f"word-{name}": one.word for name, one in known.items()}
    stored |= {f"form-{name}": _shown(one.form) for name, one in known.items()}
    return render(
        "documents/series.html",
        names=[(name, _(SERIES_WORDS[name])) for name in SERIES],
        version=series_version(rows),
        typed=dict(request.form) if request.method == "POST" else stored,
        usual=_shown(USUAL_FORM),
        sample=document_number(NumberSeries("report", "X网信"), 2026, 1, is_drill=False),
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
            {"series": name, "word": form.raw(f"word-{name}"), "form": _read(form.raw(f"form-{name}"))}
            for name in _places()
        ]
        series = form.finished("series", lambda: read_series(given)) if given else []
        put_series(series, require_caller().actor, now(), version)

    return submit(use_case, _show, lambda: url_for("pages.document_series_page"), "changed")


def _shown(form: str) -> str:
    """Return the form of a number as people read it, with words for its places."""
    for place, words in PLACE_WORDS.items():
        form = form.replace(place, _(words))
    return form


def _read(typed: str) -> str:
    """Return the form of a number that somebody typed with words for its places."""
    for place, words in PLACE_WORDS.items():
        typed = typed.replace(_(words), place)
    return typed


def _places() -> dict[str, int]:
    """Return the place of each series among those that have an issuer word in the form."""
    filled = [name for name in SERIES if request.form.get(f"word-{name}", "").strip()]
    return {name: place for place, name in enumerate(filled)}
