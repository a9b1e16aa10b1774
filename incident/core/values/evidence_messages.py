"""Error messages of evidence: a code and its sentence, as in `error_messages`."""

from typing import Final

from incident.core.values.marking import N_

EVIDENCE_FAULT_WORDS: Final = {
    "evidence.damaged": N_(
        "This file is damaged: what is stored is not what was uploaded. It is not sent. Tell your administrator."
    ),
    "evidence.empty": N_("The file is empty. Choose a file with content."),
    "evidence.incomplete": N_("Only {received} of {size} bytes have arrived. Send the rest first."),
    "evidence.is_released": N_("This file is already released."),
    "evidence.is_removed": N_("This file was removed from view."),
    "evidence.is_stored": N_(
        "This file is stored and can no longer be cancelled. A coordinator can remove it from view."
    ),
    "evidence.is_malware": N_(
        "The scanner found {found} in this file. It stays in quarantine; remove it from view when it is not needed."
    ),
    "evidence.more_than_said": N_("The file is larger than the {size} bytes it was said to have. Begin a new upload."),
    "evidence.no_file": N_("Choose a file."),
    "evidence.no_offset": N_("The header Upload-Offset must say where this part begins, as a whole number of bytes."),
    "evidence.none": N_("This incident has no evidence that could be exported."),
    "evidence.not_receiving": N_("This upload has ended. Begin a new one."),
    "evidence.not_removed": N_("This file was not removed from view."),
    "evidence.quarantined": N_(
        "This file is in quarantine. It can be downloaded once a second person has looked at it and released it."
    ),
    "evidence.same_person": N_("Someone else must look at this file as well before it is released."),
    "evidence.too_large": N_("The file is too large. The limit is {most}."),
    "evidence.too_many": N_("You have {most} unfinished uploads here. Finish or cancel one first."),
    "evidence.wrong_offset": N_("So far {received} bytes have arrived. Go on from there."),
    "evidence.wrong_part": N_("This part must have {expected} bytes. It has {length}."),
}
