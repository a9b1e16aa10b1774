"""Error messages of files of documents: a code and its sentence, as in `error_messages`."""

from typing import Final

from incident.core.values.marking import N_

DOCUMENT_FILE_FAULT_WORDS: Final = {
    "document_file.broken": N_(
        "The file could not be made. The log of the program says why. “View to print” still works."
    ),
    "document_file.no_compiler": N_(
        "Files cannot be made yet. An administrator must install the packages of requirements/documents.txt, or "
        "incident[documents]. “View to print” works without them."
    ),
    "document_file.no_font": N_(
        "The PDF cannot be made: the machine has no font with Chinese characters. An administrator must install one, "
        "such as Noto Serif CJK."
    ),
    "document_file.too_slow": N_(
        "The file was not made within a minute. Shorten the document, or use “View to print”."
    ),
}
