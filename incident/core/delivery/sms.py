"""How long a text message is, in letters and in parts (3GPP TS 23.038 section 6, TS 23.040 section 9.2.3.24)."""

from dataclasses import dataclass
from typing import Literal

Coding = Literal["GSM-7", "UCS-2"]

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
# Units that one message holds alone, and each part of a longer one, whose header takes the rest.
_ROOM: dict[Coding, tuple[int, int]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}


@dataclass(frozen=True, slots=True)
class Length:
    """How long a text is: `units` are septets in GSM-7 and 16-bit words in UCS-2; `parts` is what is paid for."""

    coding: Coding
    units: int
    parts: int


def length_of(text: str) -> Length:
    """The length of a text; no letter that takes two units is split between two parts."""
    coding: Coding = "GSM-7" if all(char in _BASIC or char in _EXTENDED for char in text) else "UCS-2"
    alone, part = _ROOM[coding]
    sizes = [_size(char, coding) for char in text]
    units = sum(sizes)
    return Length(coding, units, 1 if units <= alone else _parts(sizes, part))


def fitted(words: str, link: str, parts: int) -> str:
    """The words and the link behind them in at most so many parts: what is too long is cut from the words.

    A link that is longer than the parts alone is sent whole all the same: half of one helps nobody.
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


def _parts(sizes: list[int], room: int) -> int:
    parts, used = 1, 0
    for size in sizes:
        if used + size > room:
            parts, used = parts + 1, 0
        used += size
    return parts
