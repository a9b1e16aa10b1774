"""Error messages of the service of documents: a code and its sentence, as in `error_messages`."""

from typing import Final

from incident.core.values.marking import N_

DOCUMENT_SERVICE_FAULT_WORDS: Final = {
    "document_service.before_signature": N_("The document was not signed yet at that time."),
    "document_service.evidence_unknown": N_("There is no such evidence of this incident."),
    "document_service.has_receipt": N_("This service has a proof of service already."),
    "document_service.in_the_future": N_("This time has not come yet. Enter when it was tried."),
    "document_service.left_without_picture": N_(
        "A document that was left needs a photo or a video. Add it to the evidence of the incident, then choose it."
    ),
    "document_service.left_without_witness": N_("A document that was left needs a witness. Enter who it was."),
    "document_service.not_found": N_("There is no such service."),
    "document_service.not_served": N_("This attempt served nobody. A proof of service needs one that did."),
    "document_service.why_left": N_("Say why the document was left there, such as that it was refused."),
    "document_service.why_not_served": N_("Say why it was not served."),
    "document_service.without_consent": N_(
        "Service by electronic means needs the consent of the party. Say how and when they gave it."
    ),
}
