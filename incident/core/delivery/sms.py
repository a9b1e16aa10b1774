"""Length of a text message, in characters and in parts (3GPP TS 23.038 section 6, TS 23.040 section 9.2.3.24)."""

from dataclasses import dataclass
from typing import Literal

Coding = Literal["GSM-7", "UCS-2"]

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
# Units of a single message, and of each part of a longer one, whose header takes the rest.
_ROOM: dict[Coding, tuple[int, int]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}


@dataclass(frozen=True, slots=True)
class Length:
    """Length of a text: `units` are septets in GSM-7 and 16-bit words in UCS-2; `parts` are charged."""

    coding: Coding
    units: int
    parts: int


def length_of(text: str) -> Length:
    """Return the length of a text; no character of two units is split between two parts."""
    coding: Coding = "GSM-7" if all(char in _BASIC or char in _EXTENDED for char in text) else "UCS-2"
    alone, part = _ROOM[coding]
    sizes = [_size(char, coding) for char in text]
    units = sum(sizes)
    return Length(coding, units, 1 if units <= alone else _parts(sizes, part))


def fitted(words: str, link: str, parts: int) -> str:
    """Return the text and its link in at most that many parts; a text that is too long is cut.

    A link that is longer than the parts is sent whole all the same: half a link is useless.
    """
    whole = f"{words} {link}".strip()
    kept = len(words)
    while kept > 0 and length_of(whole).parts > parts:
        kept -= 1
        whole = f"{words[:kept].rstrip()}… {link}".strip()
    return whole if kept else link or "…"


def _size(char: str, coding: Coding) -> int:
    is_double = char in _EXTENDED if coding == "GSM-7" else ord(char) > 0xFFFF
    return 2 if is_double else 1


def _parts(sizes: list[int], limit: int) -> int:
    parts, used = 1, 0
    for size in sizes:
        if used + size > limit:
            parts, used = parts + 1, 0
        used += size
    return parts
