"""An official document as it is printed: one page of HTML with a print style, laid out by GB/T 9704."""

from typing import Final

from flask import Response, render_template

from incident.actions.documents.kind_versions import kind_at
from incident.core.documents.fact_words import day_fact
from incident.core.documents.flow import NUMBERED
from incident.core.documents.layout import lay_out
from incident.store.documents.documents import OfficialDocument, sign_offs_of
from incident.web.instance import current_instance

MARKING_WORDS: Final = {
    "zh": {"internal": "内部", "work_secret": "工作秘密"},
    "en": {"internal": "Internal", "work_secret": "Work secret"},
}
URGENCY_WORDS: Final = {
    "zh": {"urgent": "加急", "most_urgent": "特急"},
    "en": {"urgent": "Urgent", "most_urgent": "Most urgent"},
}


def sheet_response(row: OfficialDocument) -> Response:
    """Return a document as it is printed; before its signature it says that it is a draft."""
    kind = kind_at(row.kind_hash)
    zone = current_instance().settings.zone
    signer = next((one for one in sign_offs_of(row.id) if one.step == "sign" and one.voided_at is None), None)
    signed_on = None if row.signed_at is None else day_fact(row.signed_at.astimezone(zone).date(), kind.language)
    page = render_template(
        "documents/sheet.html",
        row=row,
        kind=kind,
        sheet=lay_out(kind, row.values),
        is_zh=kind.language == "zh",
        marking=MARKING_WORDS[kind.language].get(row.marking),
        urgency=URGENCY_WORDS[kind.language].get(row.urgency),
        signer=None if signer is None else signer.signed_by.split(":", 2)[-1],
        signed_on=signed_on,
        is_final=row.state in NUMBERED,
        is_void=row.state == "void",
    )
    return Response(page, content_type="text/html; charset=utf-8")
