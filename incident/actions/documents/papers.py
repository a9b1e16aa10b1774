"""What is printed of a stored document."""

import datetime as dt
from collections.abc import Sequence

from incident.actions.documents.drafting import content_of
from incident.actions.documents.kind_versions import kind_at
from incident.core.documents.fact_words import day_fact
from incident.core.documents.paper import Paper, SignedWith, make_paper
from incident.store.documents.documents import DocumentSignOff, OfficialDocument, sign_offs_of
from incident.store.incidents.incidents import Incident


def paper_of(
    row: OfficialDocument, incident: Incident, zone: dt.tzinfo, stored: Sequence[DocumentSignOff] | None = None
) -> Paper:
    """Return a document as it is printed now; after the signature, only a void one is printed differently.

    Args:
        row: the document.
        incident: its incident.
        zone: in which the day of the signature is written.
        stored: its sign-offs; None reads them.
    """
    kind = kind_at(row.kind_hash)
    signed = None
    if row.signed_at is not None:
        offs = sign_offs_of(row.id) if stored is None else stored
        signer = next((one.signed_by for one in offs if one.step == "sign" and one.voided_at is None), "")
        day = day_fact(row.signed_at.astimezone(zone).date(), kind.language)
        signed = SignedWith(row.number or "", signer.split(":", 2)[-1], day)
    return make_paper(kind, content_of(row, incident), signed, is_void=row.state == "void")
