"""Text from outside, made safe to store, display and encode."""

import re
from collections.abc import Mapping
from typing import Final

from incident.core.values.faults import RuleError, raise_all

TITLE_LIMIT: Final = 300
NAME_LIMIT: Final = 1_000
LABEL_NAME_LIMIT: Final = 200
LABEL_LIMIT: Final = 2_000
DESCRIPTION_LIMIT: Final = 20_000

# The Unicode categories Cc, Cs, Zl and Zp, which never change; `_UNSHOWN` keeps line breaks and tabs.
_UNSPACED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# The Unicode categories Cc and Cs, which never change, without line breaks and tabs.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Direction marks make a text read differently from what it is; invisible characters make two texts look alike. They are
# format characters, fillers without a glyph, and variation selectors.
_HIDDEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_MAYBE_HIDDEN = re.compile(f"[{_HIDDEN}]")
# What scripts need: joiners within words of Arabic, Indian and neighbouring scripts, variants of Mongolian letters,
# Chinese characters and pictures, and the joiner between pictures.
_JOINING = "\u0620-\u0669\u066e-\u06dc\u06de-\u08e1\u08e3-\u0dff\u0f00-\u109f\u1780-\u17b3\u17b6-\u180a\u1820-\u1aff"
_HAN = "\u2e80-\u2fff\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PICTURE = "\u2190-\u27ff\u2900-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_NEEDED = (
    f"(?<=[{_JOINING}])[\u200c\u200d](?=[{_JOINING}])|(?<=[\u1820-\u18aa])[\u180b-\u180d\u180f]"
    f"|(?<=[{_HAN}])[\ufe00-\ufe0f\U000e0100-\U000e01ef]|(?<=[{_PICTURE}])\ufe0f"
    f"|(?<=[{_PICTURE}\ufe0f])\u200d(?=[{_PICTURE}])"
)
_NEEDED_OR_HIDDEN = re.compile(f"({_NEEDED})|[{_HIDDEN}]")


def one_line(text: str, limit: int = TITLE_LIMIT) -> str:
    """Return the text on one line, without control characters, cut to `limit` characters."""
    if len(text) <= limit and text.isprintable() and "  " not in text and text == text.strip() and is_visible(text):
        return text  # nearly every text
    cleaned = visible(_UNSPACED.sub(" ", text[: 4 * limit]))
    line = " ".join(cleaned.split())
    return line if len(line) <= limit else visible(line[: limit - 1]).rstrip() + "…"


def paragraphs(text: str, limit: int = DESCRIPTION_LIMIT) -> str:
    """Return the text with its line breaks, without other control characters, cut to `limit` characters."""
    unified = text[: 4 * limit].replace("\r\n", "\n").replace("\r", "\n")
    cleaned = visible(_UNSHOWN.sub("", unified)).strip()
    return cleaned if len(cleaned) <= limit else visible(cleaned[: limit - 1]).rstrip() + "…"


def visible(text: str) -> str:
    """Remove direction marks and invisible characters, except joiners and variants that a script needs."""
    while not is_visible(text):  # characters that were separate may form an invisible sequence once they are adjacent
        text = _NEEDED_OR_HIDDEN.sub(lambda found: found[1] or "", text)
    return text


def is_visible(text: str) -> bool:
    """Whether the text has no direction mark and no invisible character, except those that its script needs."""
    if text.isascii() or _MAYBE_HIDDEN.search(text) is None:
        return True
    return all(found[1] for found in _NEEDED_OR_HIDDEN.finditer(text))


def is_plain(text: str) -> bool:
    """Whether the text has no NUL, no control character except line breaks and tabs, and no lone surrogate."""
    return _UNFIT.search(text) is None


def require_text(text: str, limit: int, pointer: str = "") -> str:
    """Return the text unchanged, at most `limit` characters long.

    Raises RuleError `text.unfit` when it contains control characters, `text.too_long` when it is longer.
    """
    if len(text) > limit:
        raise RuleError("text.too_long", {"limit": limit, "length": len(text)}, pointer=pointer)
    if not is_plain(text):
        raise RuleError("text.unfit", pointer=pointer)
    return text


def require_name(text: str, limit: int = NAME_LIMIT, pointer: str = "/name") -> str:
    """Return the text as a name, which people recognise by its appearance.

    Raises RuleError `name.invisible` when it contains direction marks or invisible characters, `text.not_one_line`, or
    as `require_text`.
    """
    require_text(text, limit, pointer)
    if len(text.splitlines()) > 1:
        raise RuleError("text.not_one_line", pointer=pointer)
    if not is_visible(text):
        raise RuleError("name.invisible", pointer=pointer)
    return text


def require_login(text: str, pointer: str = "/login") -> str:
    """Return the text as a sign-in name, which is typed without surrounding spaces.

    Raises RuleError `login.spaced` when it begins or ends with a space of any kind, or as `require_name`.
    """
    require_name(text, pointer=pointer)
    if text != text.strip():
        raise RuleError("login.spaced", pointer=pointer)
    return text


def require_names(names: Mapping[str, str | None]) -> None:
    """Check several names by their places, None being no name; raises RuleError with the faults of all of them."""
    faults = []
    for pointer, name in names.items():
        try:
            require_name(name or "", pointer=pointer)
        except RuleError as fault:
            faults.append(fault)
    raise_all(faults)
