"""Words that neither pages nor docstrings use, because new readers do not understand them."""

import re

PRIVATE_WORDS = re.compile(
    r"\b(deeds?|anew|told|untold|manners?|who looks|left alone|became of|came of|the post|the watch|gives? way|hence"
    r"|handed on|stands? in the|stands? beside|mend|mended|holds? up|holds? nobody up|lies? (?:beside|elsewhere)"
    r"|reckon\w*|passed over|whereof|thereof|herein|whence|turned down|so many may|of old|beforetime)\b",
    re.IGNORECASE,
)
"""The worst forms of the earlier language: `notified`, `again`, `recorded in the journal`, `delays` replace them."""

FUSED_FORMS = re.compile(
    r"\b(who looks|what who|(?:is|are) to be|stands in|stands? where|goes by|let go|whoever|put off"
    r"|comes? along|carried out by hand)\b",
    re.IGNORECASE,
)
"""Constructions that docstrings avoid: a subject and a plain verb replace them."""
