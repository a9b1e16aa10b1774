"""The page of text blocks: short passages of words that people put into fields of documents."""

from flask import request, url_for

from incident.actions.documents.text_block_settings import blocks_version, put_text_blocks
from incident.core.documents.wordings import MAX_WORDINGS, read_wordings
from incident.store.documents.text_blocks import all_text_blocks
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, render, submit
from incident.web.security.auth import needs, require_caller


@pages.get("/documents/text-blocks")
@needs("document.configure")
def text_blocks_page() -> Page:
    """Show the text blocks."""
    return _show()


def _show() -> Page:
    rows = all_text_blocks()
    shown = _typed() if request.method == "POST" else [(one.title, one.text) for one in rows]
    version = request.form.get("version", blocks_version(rows))
    return render("documents/text_blocks.html", blocks=[*shown, ("", "")], version=version)


@pages.post("/documents/text-blocks")
@needs("document.configure")
def put_text_blocks_form() -> Page:
    """Save the text blocks; one without title and words is removed."""

    def use_case() -> None:
        form = Form()
        version = form.number("version")
        given = [{"title": title, "text": text} for title, text in _typed()]
        blocks = form.checked("blocks", lambda: read_wordings(given)) or []
        form.finish()
        put_text_blocks(blocks, require_caller().actor, now(), version)

    return submit(use_case, _show, lambda: url_for("pages.text_blocks_page"), "changed")


def _typed() -> list[tuple[str, str]]:
    """Return the titles and the words as they were typed, without empty ones."""
    pairs = zip(request.form.getlist("title"), request.form.getlist("text"), strict=False)
    return [(title, text) for title, text in pairs if title.strip() or text.strip()][:MAX_WORDINGS]
