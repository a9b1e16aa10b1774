"""Error messages of official documents: a code and its sentence, as in `error_messages`."""

from typing import Final

from incident.core.values.document_service_messages import DOCUMENT_SERVICE_FAULT_WORDS
from incident.core.values.incoming_paper_messages import INCOMING_PAPER_FAULT_WORDS
from incident.core.values.marking import N_

OFFICIAL_DOCUMENT_FAULT_WORDS: Final = {
    **DOCUMENT_SERVICE_FAULT_WORDS,
    **INCOMING_PAPER_FAULT_WORDS,
    "official_document.by_author": N_("You wrote or changed this document. Someone else must take this step."),
    "official_document.content_changed": N_(
        "The content is no longer the one that was signed off. Change the document, so that it is reviewed again."
    ),
    "official_document.field_bound": N_(
        "This value comes from the incident and cannot be typed. Change it there, then take the present facts."
    ),
    "official_document.field_missing": N_("Fill in “{field}” before you submit the document."),
    "official_document.field_unknown": N_("This kind of document has no such field."),
    "official_document.form_unfit": N_(
        "The form needs the place of the year and that of the number once each, and may have that of the issuer word. "
        "Write it on one line."
    ),
    "official_document.incident_unknown": N_("There is no such incident."),
    "official_document.is_archived": N_("This document is archived. Nothing about it can be changed."),
    "official_document.is_draft": N_("This document is a draft. It must be submitted first."),
    "official_document.is_sealed": N_("This document is sealed. It can be served, archived, or voided with a reason."),
    "official_document.is_served": N_("This document is served. It can be archived, or voided with a reason."),
    "official_document.is_signed": N_("This document is signed. It can be sealed, or voided with a reason."),
    "official_document.is_unserved": N_("This document is not served yet. Record its service first."),
    "official_document.is_void": N_("This document is void."),
    "official_document.kind_unknown": N_("There is no such kind of document."),
    "official_document.no_series": N_(
        "This kind of document has no issuer word yet. An administrator must enter it under the numbers of documents."
    ),
    "official_document.not_found": N_("There is no such document."),
    "official_document.not_your_countersign": N_(
        "Your department does not countersign this document, or has done so already."
    ),
    "official_document.number_taken": N_(
        "The number {number} was taken before the form was changed. An administrator must change the issuer "
        "word or the form."
    ),
    "official_document.same_person": N_("You have signed off this document already. Someone else must take this step."),
    "official_document.series_twice": N_("This series is listed twice."),
    "official_document.series_unknown": N_("There is no such series."),
    "official_document.state_secret": N_(
        "State secrets must not be written here. Write this document on the system that is approved for its level."
    ),
    "official_document.waits_for_countersign": N_("This document waits for departments to countersign it."),
    "official_document.waits_for_legal_review": N_("This document waits for its legal review."),
    "official_document.waits_for_review": N_("This document waits for its review."),
    "official_document.waits_for_signature": N_("This document waits for its signature."),
}
